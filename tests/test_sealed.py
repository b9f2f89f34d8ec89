import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.backups.sealed import CHUNK_BYTES, Damaged, Sealer, opened

KEY = b"a key of the owner, long enough to be one"
RECORDS = [(b"A", b"first"), (b"B", b""), (b"C", bytes(range(256)) * 9000)]


def sealed(records: list[tuple[bytes, bytes]]) -> bytes:
    out = io.BytesIO()
    sealer = Sealer(out, KEY)
    for kind, content in records:
        sealer.write(kind, content)
    sealer.close()
    return out.getvalue()


WHOLE = sealed(RECORDS)


def test_records_come_back_across_chunks():
    assert len(RECORDS[2][1]) > 2 * CHUNK_BYTES
    assert list(opened(io.BytesIO(WHOLE), KEY)) == RECORDS


def test_two_backups_of_the_same_look_different():
    assert sealed(RECORDS)[14:] != WHOLE[14:]


def test_another_key_opens_nothing():
    with pytest.raises(Damaged):
        list(opened(io.BytesIO(WHOLE), KEY + b"!"))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, len(WHOLE) - 1))
def test_a_file_that_ends_early_does_not_open(size):
    with pytest.raises(Damaged):
        list(opened(io.BytesIO(WHOLE[:size]), KEY))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 7))
def test_a_flipped_bit_does_not_open(at, bit):
    changed = bytearray(WHOLE)
    changed[at] ^= 1 << bit
    with pytest.raises(Damaged):
        list(opened(io.BytesIO(bytes(changed)), KEY))


def test_what_is_added_behind_the_end_does_not_open():
    for more in (b"x", bytes(4), bytes(64)):
        with pytest.raises(Damaged):
            list(opened(io.BytesIO(WHOLE + more), KEY))


def test_chunks_in_another_order_do_not_open():
    start = 14 + 16
    first = 4 + int.from_bytes(WHOLE[start : start + 4], "big")
    second = 4 + int.from_bytes(WHOLE[start + first : start + first + 4], "big")
    ends = start + first, start + first + second
    moved = WHOLE[:start] + WHOLE[ends[0] : ends[1]] + WHOLE[start : ends[0]] + WHOLE[ends[1] :]
    with pytest.raises(Damaged):
        list(opened(io.BytesIO(moved), KEY))
