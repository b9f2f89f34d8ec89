"""`make faults`: the whole site on one machine, broken piece by piece under load; what was lost is told at the end."""
