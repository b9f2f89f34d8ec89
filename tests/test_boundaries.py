"""An office's own boundaries: what a file may say, how it is simplified, and how it is drawn."""

import json
import re
import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from reports.maps.geojson import BoundaryFileError, read_features
from reports.maps.outlines import GRID, ShapelyMissing, on_grid, outlines_of, path_of
from reports.models import Boundary
from tests.factories import make_scheme, make_unit

from .test_pages import text_of

SOURCE = "Bản đồ hư cấu để thử"
MAP = "/tinh-minh-hoa/2024/huyen/map/"


def square(x: float, y: float, size: float = 0.1) -> list[list[float]]:
    corners = [(x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y)]
    return [[round(at, 6) for at in corner] for corner in corners]


def feature(
    code: object, coordinates: object, kind: str = "Polygon", **properties: object
) -> dict[str, object]:
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": {"code": code, **properties}, "geometry": geometry}


def collection(*features: object, **more: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features, **more}).encode()


HOLED = [square(105, 21, 0.4), square(105.1, 21.1)]
SAMPLE = collection(
    feature("MH01", [square(105, 21)]),
    feature("MH02", [square(105.1, 21)]),
    feature("MH03", [[square(105.2, 21)], [square(105.5, 21.05, 0.02)]], "MultiPolygon"),
    feature(
        "MH04",
        [[[105, 21.1], [105.1, 21.1], [105.2, 21.1], *square(105, 21.1, 0.3)[1:]], square(105.1, 21.2)],
    ),
    feature("MH05", [square(105.1, 21.2)]),
)


def faults(content: bytes) -> list[str]:
    with pytest.raises(BoundaryFileError) as refused:
        outlines_of(read_features(content, "code"), 100)
    return refused.value.faults


def rings_of(path: str) -> list[list[tuple[int, int]]]:
    """Read a path back, as a browser does."""
    rings = []
    for part in re.findall(r"M([^lz]*)l([^z]*)z", path):
        start, steps = ([int(number) for number in re.findall(r"-?\d+", text)] for text in part)
        ring = [(start[0], start[1])]
        for dx, dy in zip(steps[::2], steps[1::2], strict=True):
            ring.append((ring[-1][0] + dx, ring[-1][1] + dy))
        rings.append(ring)
    return rings


def test_a_square_becomes_a_path():
    (found,) = outlines_of(read_features(collection(feature("A", [square(105, 21)])), "code"), 0).outlines
    assert (found.west, found.north, found.east, found.south) == (1050000, -211000, 1051000, -210000)
    assert rings_of(found.path) == [
        [(1050000, -210000), (1051000, -210000), (1051000, -211000), (1050000, -211000)]
    ]
    assert found.west < found.label_x < found.east and found.north < found.label_y < found.south


def test_holes_and_several_parts_are_kept():
    islands = feature("B", [[square(107, 21)], [square(108, 21)]], "MultiPolygon")
    features = read_features(collection(feature("A", HOLED), islands), "code")
    assert [len(rings_of(one.path)) for one in outlines_of(features, 100).outlines] == [2, 2]


def test_neighbours_keep_one_common_line():
    wave = [[105.1, 21 + at / 100] for at in range(11)]
    for at, point in enumerate(wave[1:-1], start=1):
        point[0] += 0.0008 * (-1) ** at
    west = [[105, 21], *wave, [105, 21.1], [105, 21]]
    east = [[105.2, 21], [105.2, 21.1], *reversed(wave), [105.2, 21]]
    drawn = outlines_of(read_features(collection(feature("A", [west]), feature("B", [east])), "code"), 500)
    left, right = (set(rings_of(one.path)[0]) for one in drawn.outlines)
    shared = {point for point in left if 1050800 < point[0] < 1051200}
    assert drawn.is_seamless
    assert 2 <= len(shared) < 11 and shared == {point for point in right if point[0] < 1051200}


def test_areas_that_overlap_are_told():
    both = collection(feature("A", [square(105, 21)]), feature("B", [square(105.05, 21)]))
    assert not outlines_of(read_features(both, "code"), 100).is_seamless


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"{\n\n!", "Dòng 3: không đúng cú pháp JSON."),
        (b"\xff\xfe", "Tệp không phải văn bản UTF-8."),
        (b"[" * 100_000, "Tệp có giá trị hoặc cấu trúc mà GeoJSON không cho phép."),
        (b"[]", "Tệp không phải một FeatureCollection của GeoJSON."),
        (collection(), "Tệp không có đối tượng nào."),
        (
            collection(1, crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3405"}}),
            "Hệ tọa độ của tệp không phải WGS84 (kinh độ, vĩ độ); hãy chuyển đổi trước.",
        ),
        (collection(1), "Đối tượng số 1: không phải Feature."),
        (collection(feature(None, [])), "Đối tượng số 1: thiếu thuộc tính “code”."),
        (collection(feature("A", [1], "Point")), "Đối tượng số 1: (A) phải là Polygon hoặc MultiPolygon."),
        (collection(feature("A", [])), "Đối tượng số 1: (A) thiếu tọa độ."),
        (
            collection(feature("A", [square(105, 21)]), feature("B", [square(105, 21)[:-1]])),
            "Đối tượng số 2: (B) có đường không khép kín.",
        ),
        (
            collection(feature("A", [[[1, 1], [2, 2], [1, 1]]])),
            "Đối tượng số 1: (A) có đường ít hơn ba điểm khác nhau.",
        ),
        (
            collection(feature("A", [[[1, "x"]]])),
            "Đối tượng số 1: (A) có điểm không phải cặp kinh độ, vĩ độ.",
        ),
        (
            collection(feature("A", [square(581000, 2325000)])),
            "Đối tượng số 1: (A) có tọa độ ngoài WGS84: 581000, 2325000 (kinh độ trước, vĩ độ sau, tính bằng độ).",
        ),
        (
            collection(feature("A", [[[105, 21], [105.1, 21.1], [105.1, 21], [105, 21.1], [105, 21]]])),
            "Đối tượng số 1: (A) không hợp lệ: đường tự cắt tại 105.05 21.05.",
        ),
        (
            collection(feature("A", [square(105, 21)]), feature("A", [square(106, 21)])),
            "Đối tượng số 2: “A” đã có ở đối tượng số 1.",
        ),
        (
            collection(feature("A", [square(105, 21, 0.00001)])),
            "Đối tượng số 1: (A) quá nhỏ để vẽ; hãy giảm độ giản lược.",
        ),
    ],
)
def test_what_is_wrong_is_named(content, fault):
    assert faults(content) == [fault]


def test_numbers_that_json_does_not_know_are_refused():
    assert faults(SAMPLE.replace(b"105", b"NaN", 1)) == [
        "Tệp có giá trị hoặc cấu trúc mà GeoJSON không cho phép."
    ]
    assert faults(SAMPLE.replace(b"105", b"1e999", 1))[0].startswith("Đối tượng số 1: (MH01) có ")


@given(
    st.lists(st.tuples(st.integers(-180, 180), st.integers(-90, 90)), min_size=3, max_size=9),
    st.lists(st.tuples(st.integers(-99, 99), st.integers(-99, 99)), min_size=2, max_size=9),
)
def test_a_path_read_back_is_the_ring_that_was_written(first, second):
    assert rings_of(path_of([first, second])) == [first, second]


@given(st.lists(st.tuples(st.floats(100, 110), st.floats(8, 24)), max_size=20))
def test_the_grid_moves_no_point_by_more_than_half_a_step(points):
    found = on_grid(points)
    assert len(found) in (0, *range(3, len(points) + 1))
    for x, y in found:
        assert any(
            abs(x / GRID - px) <= 0.51 / GRID and abs(-y / GRID - py) <= 0.51 / GRID for px, py in points
        )


def test_without_the_extra_one_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "shapely", None)
    with pytest.raises(ShapelyMissing, match="boundaries"):
        outlines_of(read_features(SAMPLE, "code"), 100)


@pytest.fixture
def sample_file(tmp_path):
    path = tmp_path / "minh-hoa.geojson"
    path.write_bytes(SAMPLE)
    return path


def imported(path, **options) -> str:
    out = StringIO()
    call_command("import_boundaries", path, source=SOURCE, stdout=out, stderr=out, **options)
    return out.getvalue()


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_the_same_file_again_changes_nothing(sample_file):
    assert imported(sample_file) == "Ranh giới: 5 mới, 0 thay đổi, 0 không đổi.\n"
    assert imported(sample_file) == "Ranh giới: 0 mới, 0 thay đổi, 5 không đổi.\n"
    assert imported(sample_file, licence="CC0") == "Ranh giới: 0 mới, 5 thay đổi, 0 không đổi.\n"
    assert set(Boundary.objects.values_list("source", "licence")) == {(SOURCE, "CC0")}


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_one_wrong_feature_and_nothing_is_written(tmp_path):
    path = tmp_path / "x.geojson"
    path.write_bytes(collection(feature("MH01", [square(105, 21)]), feature("MH99", [square(106, 21)])))
    with pytest.raises(CommandError) as refused:
        imported(path)
    assert str(refused.value).splitlines() == [
        "x.geojson: không có gì được ghi.",
        "Đối tượng số 2: không có đơn vị “MH99” trong danh mục.",
    ]
    assert not Boundary.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"max_mb": 0}, "tệp lớn hơn 0 MB"),
        ({"tolerance": -1}, "--tolerance phải từ 0 đến 5000 mét."),
        ({"tolerance": float("nan")}, "--tolerance phải từ 0 đến 5000 mét."),
        ({"licence": "x" * 121}, "--licence dài hơn 120 chữ."),
        ({"source": " "}, "--source không được để trống"),
    ],
)
def test_what_the_command_refuses(sample_file, options, fault):
    with pytest.raises(CommandError, match=re.escape(fault)):
        call_command("import_boundaries", sample_file, **{"source": SOURCE} | options)


@pytest.mark.django_db
def test_a_code_of_two_lists_needs_its_scheme(tmp_path):
    for scheme in ("cu", "moi"):
        make_unit("An", code="T1", scheme=make_scheme(scheme))
    path = tmp_path / "x.geojson"
    path.write_bytes(collection(feature("T1", [square(105, 21)])))
    with pytest.raises(CommandError, match="có thể là 2 đơn vị"):
        imported(path)
    imported(path, scheme="cu")
    assert Boundary.objects.get().unit.scheme_id == "cu"


@pytest.mark.django_db
def test_units_are_found_by_name_too(tmp_path):
    make_unit("Đan Phượng")
    path = tmp_path / "x.geojson"
    path.write_bytes(collection(feature(None, [square(105, 21)], ten="Huyện Đan Phượng")))
    imported(path, name_property="ten", scheme="test")
    assert Boundary.objects.get().unit.name == "Đan Phượng"
    path.write_bytes(
        collection(
            feature(None, [square(105, 21)], ten="Đan Phượng"),
            feature(None, [square(106, 21)], ten="Huyện Đan Phượng"),
        )
    )
    with pytest.raises(CommandError, match="Huyện Đan Phượng đã có ở đối tượng số 1"):
        imported(path, name_property="ten", scheme="test")


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_the_outlines_are_drawn_with_their_source(client, sample_file):
    imported(sample_file, licence="CC0")
    page = text_of(client, f"{MAP}?shape=boundaries")
    assert f"Nguồn ranh giới: {SOURCE} (CC0)" in page
    drawn = client.get(f"{MAP}?shape=boundaries").context
    assert "Huyện Sông Mẫu: 87,05 điểm, hạng 8/12" in [mark.label for mark in drawn["drawing"].marks]
    assert len(drawn["map"].placed) == 5 and len(drawn["map"].unplaced) == 7
    assert "Chưa được đặt trên bản đồ" in page
    assert client.get(MAP).context["map"].shape == "tiles"
    answer = client.get(f"{MAP}?shape=boundaries").content.decode()
    assert "matrix(" in answer and " style=" not in answer


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_the_plane_is_true_in_the_middle_of_the_map(client, sample_file):
    imported(sample_file)
    drawing = client.get(f"{MAP}?shape=boundaries").context["drawing"]
    across, down = (float(drawing.transform[7:-1].split()[at]) for at in (0, 3))
    assert across / down == pytest.approx(0.932, abs=0.001)  # the cosine of 21.2 degrees
    assert drawing.width == pytest.approx(1000, abs=1)


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_removing_the_demo_leaves_no_boundary(sample_file):
    imported(sample_file)
    call_command("remove_demo", stdout=StringIO())
    assert not Boundary.objects.exists()
