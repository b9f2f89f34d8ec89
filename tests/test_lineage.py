from hypothesis import given
from hypothesis import strategies as st

from districts.lineage import Edge, derived_edges, heirs, predecessors, successors, with_plain_kinds

A, B, C, D, E = (("old", code) for code in "abcde")
P, Q, R = (("new", code) for code in "pqr")


def edge(old, new, kind="merge", **known):
    return Edge(old, new, kind, **known)


def kinds(edges, titles, levels=None):
    levels = levels or dict.fromkeys({key for e in edges for key in (e.predecessor, e.successor)}, 3)
    return [e.kind for e in with_plain_kinds(edges, levels, titles)]


def test_an_unchanged_unit_alone_at_both_ends_continues():
    assert kinds([edge(A, P)], {A: ("Xã", "Cao Bồ"), P: ("Xã", "Cao Bồ")}) == ["continues"]


def test_a_unit_alone_at_both_ends_with_another_type_is_reclassified():
    titles = {A: ("Thị trấn", "Mường Lát"), P: ("Xã", "Mường Lát")}
    assert kinds([edge(A, P)], titles) == ["reclassify"]


def test_a_unit_alone_at_both_ends_with_another_name_is_renamed():
    assert kinds([edge(A, P)], {A: ("Xã", "Krông Na"), P: ("Xã", "Buôn Đôn")}) == ["rename"]


def test_a_unit_that_takes_in_another_does_not_continue_though_its_name_does():
    titles = {A: ("Xã", "Phú Xuyên"), B: ("Xã", "Nam Tiến"), P: ("Xã", "Phú Xuyên")}
    assert kinds([edge(A, P), edge(B, P)], titles) == ["merge", "merge"]


def test_a_unit_that_was_split_stays_split_even_where_it_is_alone_at_one_end():
    titles = dict.fromkeys([A, B, P, Q], ("Xã", "Một"))
    edges = [edge(A, P, "split"), edge(A, Q, "split"), edge(B, Q)]
    assert kinds(edges, titles) == ["split", "split", "merge"]


def test_a_district_whose_territory_goes_to_a_commune_ends():
    titles = {A: ("Huyện", "Cồn Cỏ"), P: ("Đặc khu", "Cồn Cỏ")}
    assert kinds([edge(A, P)], titles, {A: 2, P: 3}) == ["end"]


# Old: province A with district B and commune C; province D with commune E. New: province P with commune Q.
LEVELS = {A: 1, B: 2, C: 3, D: 1, E: 3, P: 1, Q: 3}
PARENTS = {C: B, B: A, E: D, Q: P}


def test_districts_and_provinces_follow_their_communes_and_are_marked_as_derived():
    assert derived_edges([edge(C, Q), edge(E, Q)], LEVELS, PARENTS) == [
        Edge(A, P, "merge", is_main_part=True, is_derived=True),
        Edge(D, P, "merge", is_main_part=True, is_derived=True),
        Edge(B, Q, "end", is_main_part=True, is_derived=True),
    ]


def test_a_province_that_alone_becomes_one_province_continues():
    assert derived_edges([edge(C, Q)], LEVELS, PARENTS)[0].kind == "continues"


def test_a_province_divided_between_two_is_split_and_its_main_part_unknown():
    new_province, new_commune = ("new", "r"), ("new", "s")
    levels = LEVELS | {new_province: 1, new_commune: 3}
    parents = PARENTS | {new_commune: new_province}
    derived = derived_edges([edge(C, Q), edge(C, new_commune)], levels, parents)
    assert [(e.kind, e.is_main_part) for e in derived[:2]] == [("split", None), ("split", None)]


def test_a_district_stated_in_the_list_is_not_derived_again():
    derived = derived_edges([edge(B, Q)], LEVELS, PARENTS)
    assert [(e.predecessor, e.successor) for e in derived] == [(A, P)]


CHAIN = [edge(A, B), edge(B, C), edge(B, D), edge(E, D)]


def test_successors_are_followed_over_any_number_of_steps():
    assert successors(CHAIN, A) == {B: 1, C: 2, D: 2}


def test_predecessors_are_followed_back_over_any_number_of_steps():
    assert predecessors(CHAIN, D) == {B: 1, E: 1, A: 2}


def test_the_heirs_of_a_unit_are_the_last_of_its_line():
    assert heirs(CHAIN, A) == [C, D]


def test_a_unit_without_edges_has_no_heirs():
    assert heirs(CHAIN, P) == []


def test_a_circle_in_the_data_does_not_hang_the_program():
    assert successors([edge(A, B), edge(B, A)], A) == {B: 1}


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=20))
def test_a_successor_of_mine_has_me_as_predecessor(pairs):
    edges = [edge(("s", str(old)), ("s", str(new))) for old, new in pairs if old != new]
    for old in {e.predecessor for e in edges}:
        for new, steps in successors(edges, old).items():
            assert predecessors(edges, new)[old] == steps
