"""Analyses of published figures, each explained with a worked example on the methodology page. Pure.

Figures that are shown are exact: decimals and fractions. pandas serves where a table is turned or measured, and is
loaded only then.
"""
