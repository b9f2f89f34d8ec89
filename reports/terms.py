"""Standard terms that stand in the database as data, so that the English edition has them too.

What a province writes itself stays as it wrote it.
"""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

TERMS = (
    _("UBND cấp huyện"),
    _("UBND cấp xã"),
    _("Sở, ban, ngành"),
    _("Công tác chỉ đạo, điều hành cải cách hành chính"),
    _("Cải cách thể chế"),
    _("Cải cách thủ tục hành chính"),
    _("Cải cách tổ chức bộ máy hành chính"),
    _("Cải cách chế độ công vụ"),
    _("Cải cách tài chính công"),
    _("Xây dựng và phát triển chính quyền điện tử, chính quyền số"),
    _("Tác động của CCHC đến người dân, tổ chức và phát triển kinh tế - xã hội"),
    _("Điểm thẩm định"),
    _("Điểm điều tra xã hội học"),
    _("Xuất sắc"),
    _("Tốt"),
    _("Khá"),
    _("Trung bình"),
    _("Yếu"),
    _("tốp đầu"),
    _("tốp cuối"),
    _("người dân"),
    _("doanh nghiệp"),
    _("Danh mục đơn vị hành chính đến ngày 30/06/2025 (63 tỉnh, thành phố)"),
    _("Danh mục đơn vị hành chính từ ngày 01/07/2025 (34 tỉnh, thành phố)"),
    _("Danh mục minh họa (hư cấu)"),
    _("Lớp tập huấn nghiệp vụ một cửa đã mở"),
)
# The packaged catalogue of indicators: names and units of measurement.
INDICATOR_TERMS = (
    _("Nhiệm vụ trọng tâm theo kế hoạch cải cách hành chính"),
    _("nhiệm vụ"),
    _("Nhiệm vụ cụ thể theo kế hoạch cải cách hành chính"),
    _(
        "Thủ tục hành chính trong danh mục đáp ứng yêu cầu tái cấu trúc quy trình, cung cấp dịch vụ công trực tuyến"
    ),
    _("thủ tục"),
    _("Thủ tục hành chính công khai tại bộ phận một cửa"),
    _("Thủ tục hành chính được niêm yết công khai tại bộ phận tiếp nhận và trả kết quả"),
    _("Lượt chứng thực trung bình một năm tại bộ phận một cửa"),
    _("lượt"),
    _("Cơ quan chuyên môn được ban hành quy định chức năng, nhiệm vụ"),
    _("cơ quan"),
    _("Lớp tập huấn đã mở"),
    _("lớp"),
    _("Học viên các lớp tập huấn"),
    _("học viên"),
    _("Phó hiệu trưởng cấp tiểu học tự nguyện xin thôi giữ chức vụ, do thừa so với quy định"),
    _("trường hợp"),
    _("Viên chức lãnh đạo, quản lý trường học được chuyển công tác và bổ nhiệm"),
    _("Văn bản được gửi, nhận dưới dạng điện tử"),
    _(
        "Cơ quan, đơn vị, địa phương được trang bị máy tính, máy in, máy quét, mạng internet và mạng chuyên dùng"
    ),
    _("Cán bộ, công chức khai thác, sử dụng Cổng dịch vụ công và Hệ thống thông tin một cửa điện tử tỉnh"),
    _("Cơ quan, đơn vị và UBND cấp xã triển khai cung cấp dịch vụ công trực tuyến"),
    _("Cơ quan, đơn vị và UBND cấp xã được cấp chữ ký số"),
    _("Văn bản có sử dụng chứng thư số"),
    _("Tài khoản thường xuyên sử dụng hòm thư công vụ"),
    _("tài khoản"),
    _("Dịch vụ công trực tuyến mức độ 4"),
    _("dịch vụ"),
    _("Chỉ tiêu tỉnh giao đạt và vượt"),
    _("chỉ tiêu"),
    _("Thu ngân sách huyện cả năm"),
    _("tỉ đồng"),
    _("Thu ngân sách vượt so với dự toán tỉnh giao"),
    _("Thu ngân sách vượt so với dự toán huyện giao"),
    _("Dự án được đầu tư từ nguồn thu ngân sách"),
    _("dự án"),
    _("Tổng kinh phí các dự án được đầu tư"),
    _("Xã đạt chuẩn nông thôn mới nâng cao"),
    _("xã"),
    _("Khu dân cư đạt chuẩn nông thôn mới kiểu mẫu"),
    _("khu dân cư"),
    _("Thôn đạt chuẩn thôn thông minh"),
    _("thôn"),
    _("Sản phẩm OCOP được công nhận đạt tiêu chuẩn hạng 3 sao"),
    _("sản phẩm"),
    _("Đơn vị được kiểm tra công tác cải cách hành chính"),
    _("đơn vị"),
    _("Nhiệm vụ trong kế hoạch cải cách hành chính đã hoàn thành"),
    _("Thủ tục hành chính thuộc thẩm quyền cấp huyện được công khai"),
    _("Thủ tục hành chính thuộc thẩm quyền cấp xã được công khai"),
    _("Thủ tục hành chính tiếp nhận tại bộ phận một cửa"),
    _("Cán bộ, công chức được bồi dưỡng về cải cách hành chính"),
    _("người"),
    _("Dịch vụ công trực tuyến toàn trình"),
    _("Dịch vụ công trực tuyến một phần"),
    _("Cán bộ, công chức được cấp chữ ký số cá nhân"),
    _("Văn bản điện tử được ký số"),
    _("văn bản"),
    _("Cơ quan, đơn vị áp dụng hệ thống quản lý chất lượng ISO 9001"),
)


def term(text: str) -> str:
    """Return a standard term in the language of the page, any other text as it is."""
    return gettext(text)
