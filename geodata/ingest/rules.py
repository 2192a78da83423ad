"""Rules of an import, one row each: what they are called, how grave a breach is, what helps."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from layers.text import Text


class Severity(StrEnum):
    """What a breach leads to."""

    ERROR = "error"
    WARNING = "warning"

    @property
    def label(self) -> Text:
        """Word for it in both languages."""
        return Text("错误", "Error") if self is Severity.ERROR else Text("提示", "Warning")


@dataclass(frozen=True)
class Rule:
    """A rule.

    Args:
        name: stable name, as in reports.
        severity: a row with an error is refused; a warning asks for a second look.
        title: the rule in a few words.
        remedy: what to do.
    """

    name: str
    severity: Severity
    title: Text
    remedy: Text


E, W = Severity.ERROR, Severity.WARNING

ROWS = (
    Rule(
        "id",
        E,
        Text("标识", "Identifier"),
        Text("改用字母、数字、点、下划线或连字符", "Use letters, digits, dots, _ and - only"),
    ),
    Rule(
        "unknown-field",
        E,
        Text("无此字段", "No such field"),
        Text("删除该字段，或改为图层的字段名", "Remove it, or name it as the layer does"),
    ),
    Rule(
        "column-ignored",
        W,
        Text("未导入的列", "Column left out"),
        Text(
            "如需导入，用 --map 列名=字段 指明其字段",
            "Say with --map COLUMN=FIELD which field it is, if it is wanted",
        ),
    ),
    Rule(
        "required",
        E,
        Text("必填", "Required"),
        Text(
            "补填；整个文件相同的值可用 --set 字段=值",
            "Fill it in; --set FIELD=VALUE gives all rows the same value",
        ),
    ),
    Rule(
        "type",
        E,
        Text("值的类型", "Type of value"),
        Text("按所示类型改写", "Write it as the type says"),
    ),
    Rule(
        "formula",
        E,
        Text("公式", "Formula"),
        Text(
            "公式不予计算：在 Excel 中复制后“选择性粘贴—数值”",
            "Formulas are not computed: in Excel, copy and paste as values",
        ),
    ),
    Rule(
        "encoding",
        E,
        Text("乱码", "Damaged text"),
        Text("用 --encoding 指明编码，如 GB18030", "Name the encoding, as in --encoding GB18030"),
    ),
    Rule(
        "row-width",
        E,
        Text("列数不符", "Number of cells"),
        Text("检查分隔符和引号", "Check delimiters and quotation marks"),
    ),
    Rule(
        "left-out",
        E,
        Text("单元格未能容纳", "Did not fit its cell"),
        Text("改用其他格式，如 GeoPackage", "Use another format, such as GeoPackage"),
    ),
    Rule(
        "codes",
        E,
        Text("代码表", "Code list"),
        Text("改用所列代码或其名称", "Use one of the codes or their titles"),
    ),
    Rule(
        "pattern",
        E,
        Text("格式", "Pattern"),
        Text("核对位数和字符", "Check the number and kind of characters"),
    ),
    Rule(
        "length",
        E,
        Text("长度", "Length"),
        Text("缩短文本", "Shorten the text"),
    ),
    Rule(
        "range",
        E,
        Text("取值范围", "Range"),
        Text("核对数值和单位", "Check the number and its unit"),
    ),
    Rule(
        "reference",
        E,
        Text("引用", "Reference"),
        Text("先导入所引用的区域，或改用其标识", "Import that area first, or use its id"),
    ),
    Rule(
        "valid-period",
        E,
        Text("有效期", "Period of validity"),
        Text("核对起止日期", "Check both dates"),
    ),
    Rule(
        "unique",
        E,
        Text("文件内重复", "Twice in the file"),
        Text("只保留一行，或改正其值", "Keep one of the rows, or correct the value"),
    ),
    Rule(
        "unique-in-layer",
        E,
        Text("图层中已有", "Already in the layer"),
        Text(
            "若为同一要素，使用其标识并选更新方式；否则改正其值",
            "If it is the same feature, use its id and mode update; else correct the value",
        ),
    ),
    Rule(
        "exists",
        E,
        Text("图层中已有该标识，值不同", "Id in the layer, with other values"),
        Text(
            "若为同一要素，选更新方式（--mode update）；否则改用新的标识",
            "If it is the same feature, choose mode update; else give it an id of its own",
        ),
    ),
    Rule(
        "credit-code",
        E,
        Text("统一社会信用代码校验码（GB 32100-2015）", "Check of the credit code (GB 32100-2015)"),
        Text("核对证照上的18位代码", "Compare the 18 characters with the licence"),
    ),
    Rule(
        "organisation-code",
        E,
        Text("组织机构代码校验码（GB 11714）", "Check of the organisation code (GB 11714)"),
        Text("核对代码第9—17位", "Compare characters 9 to 17 with the licence"),
    ),
    Rule(
        "parcel-code",
        E,
        Text("宗地特征码（GB/T 37346-2019）", "Right in the parcel code (GB/T 37346-2019)"),
        Text("核对代码第13—14位", "Check characters 13 and 14"),
    ),
    Rule(
        "parcel-county",
        E,
        Text("宗地代码的县级区划", "County in the parcel code"),
        Text("核对代码前六位", "Check the first six digits"),
    ),
    Rule(
        "parcel-district",
        W,
        Text("宗地代码与所在区不一致", "Parcel code and district differ"),
        Text("核对宗地代码或所在区", "Check the code or the district"),
    ),
    Rule(
        "land-use",
        E,
        Text("土地用途代码", "Land use code"),
        Text("写明分类标准和版本，核对代码", "Name scheme and edition, check the code"),
    ),
    Rule(
        "land-use-unchecked",
        W,
        Text("土地用途代码未核对", "Land use code not checked"),
        Text("自行核对", "Check it by hand"),
    ),
    Rule(
        "industry-code",
        E,
        Text("行业代码（GB/T 4754）", "Industry code (GB/T 4754)"),
        Text("写明版本，核对门类和大类", "Name the edition, check section and division"),
    ),
    Rule(
        "geometry",
        E,
        Text("几何", "Geometry"),
        Text("在所示位置修正图形", "Mend the shape at the place shown"),
    ),
    Rule(
        "ring-open",
        E,
        Text("环未闭合", "Ring not closed"),
        Text(
            "末点重复首点，或用 --close-rings",
            "Repeat the first position at the end, or use --close-rings",
        ),
    ),
    Rule(
        "swapped",
        E,
        Text("经纬度（或 X、Y）颠倒", "Longitude and latitude (or X and Y) exchanged"),
        Text("交换两列，或用 --swap", "Exchange the two columns, or use --swap"),
    ),
    Rule(
        "outside-globe",
        E,
        Text("坐标超出范围", "Coordinates off the globe"),
        Text("核对坐标参考系（--crs）和坐标", "Check the CRS (--crs) and the coordinates"),
    ),
    Rule(
        "outside-beijing",
        W,
        Text("在北京市之外", "Outside Beijing"),
        Text("核对坐标和坐标参考系", "Check the coordinates and their CRS"),
    ),
    Rule(
        "outside-park",
        W,
        Text("在所属园区之外", "Outside its park"),
        Text("核对位置或所属园区", "Check the position or the park"),
    ),
    Rule(
        "outside-district",
        W,
        Text("在所填的区之外", "Outside its district"),
        Text("核对位置或所在区", "Check the position or the district"),
    ),
    Rule(
        "sliver",
        W,
        Text("狭长碎面", "Sliver"),
        Text("与相邻边界重合或删除", "Snap it to its neighbour, or remove it"),
    ),
    Rule(
        "overlap",
        E,
        Text("文件内重叠", "Overlap within the file"),
        Text("修正其中一个的边界", "Correct the boundary of one of them"),
    ),
    Rule(
        "overlap-layer",
        E,
        Text("与图层重叠", "Overlap with the layer"),
        Text("修正边界，或以同一标识更新原有要素", "Correct it, or update the other by its id"),
    ),
    Rule(
        "overlap-sliver",
        W,
        Text("边界轻微重叠", "Boundaries overlap slightly"),
        Text("捕捉到公共边", "Snap both to the shared boundary"),
    ),
    Rule(
        "area",
        W,
        Text("登记面积与图形面积不符", "Registered and computed area differ"),
        Text("核对面积单位、图形和坐标系", "Check unit, shape and CRS"),
    ),
    Rule(
        "duplicate",
        W,
        Text("疑似重复", "Perhaps a duplicate"),
        Text("若为同一要素，只保留一个", "If they are the same feature, keep one"),
    ),
    Rule(
        "datum-shift",
        E,
        Text("基准偏移", "Shift of datum"),
        Text(
            "向数据提供方确认后用 --crs 明确指定坐标系；系统不自行改正",
            "Ask the provider, then name the CRS with --crs; nothing is converted by itself",
        ),
    ),
    Rule(
        "datum-doubt",
        W,
        Text("基准偏移（已指定坐标系）", "Shift of datum (CRS was named)"),
        Text("请再次确认所指定的坐标系", "Make sure that the CRS you named is right"),
    ),
    Rule(
        "address-unknown",
        E,
        Text("地址未能定位", "Address not found"),
        Text("补全地址，或直接给出坐标", "Complete the address, or give coordinates"),
    ),
    Rule(
        "address-unsure",
        W,
        Text("地址定位需复核", "Address to be reviewed"),
        Text("在审核页或地图上核对位置", "Check the position on a map or in the review"),
    ),
)

RULES = {row.name: row for row in ROWS}


def rules_of(names: Iterable[str]) -> list[Rule]:
    """Rows of these names, in the order of the table."""
    wanted = set(names)
    return [row for row in ROWS if row.name in wanted]
