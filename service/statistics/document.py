"""The profile of an area as a JSON document."""

from collections.abc import Sequence

from pydantic import BaseModel

from geodata.statistics.profile import Area, Figure, GrowthTarget, Indicator, Profile, Tally
from layers.catalog import CATALOG
from layers.codelist import INDUSTRY
from layers.text import Text

UNKNOWN_INDUSTRY = Text("未分类", "Not classified")

SQUARE_METRES_A_KM2 = 1_000_000

RULES = (
    Text(
        "规划口径（declared）按规划文字计数：上级区域关系和企业归属；同一企业归属多处只计一次。",
        "`declared` follows the plan's words: its hierarchy of areas and its assignments of"
        " enterprises; one that is assigned twice counts once.",
    ),
    Text(
        "空间口径（located）按位置计数：点取其本身，面和线取其上一点；无位置者不计。",
        "`located` follows positions: a point counts where it is, an area or line where a point"
        " on its surface is; features without a position are not counted.",
    ),
    Text(
        "位于共用边界上的点只计入一侧：计入边界东侧的区域，东西走向的边界计入北侧。",
        "A point on a shared border counts on one side only: in the area east of it, on a border"
        " that runs exactly east-west in the northern one.",
    ),
    Text(
        "面积为 CGCS2000 椭球面积；示意边界的面积不是法定面积。密度为空间口径企业数除以该面积。",
        "Areas are ellipsoidal (CGCS2000); that of a schematic boundary is no legal figure."
        " Density is located enterprises divided by it.",
    ),
    Text(
        "规划指标只列该区域自身的指标，不向下分解。",
        "Indicators are the plan's for this very area; they are never broken down.",
    ),
)


class Title(BaseModel):
    """A name in both languages."""

    zh: str
    en: str


class AreaDocument(BaseModel):
    """The area a profile is of."""

    layer: str
    id: str
    name_zh: str
    name_en: str | None
    boundary_status: str
    parent: str | None
    counted_in: str | None


class Counts(BaseModel):
    """The two counts of the same thing; null where a count has no meaning."""

    declared: int | None
    located: int | None


class IndustryCounts(Counts):
    """Enterprises of an industry."""

    industry: str | None
    title: Title


class LayerCounts(Counts):
    """Features of a layer."""

    layer: str
    title: Title


class FigureDocument(BaseModel):
    """A figure of the plan; `qualifier`: eq, ge (at least), approx, range."""

    value_low: float
    value_high: float
    unit: str
    qualifier: str
    year: str
    section: str
    quote: str


class IndicatorDocument(BaseModel):
    """An indicator of the plan for this area."""

    key: str
    title: Title
    unit: str
    baseline: FigureDocument | None
    target: FigureDocument | None


class GrowthTargetDocument(BaseModel):
    """An enterprise that the plan names by revenue class; `enterprise` is its id in the layer."""

    name: str
    enterprise: str | None
    target: str
    kind: str
    section: str
    quote: str


class ProfileDocument(BaseModel):
    """Profile of an area: counts, land area, density and the plan's indicators."""

    area: AreaDocument | None
    land_area_m2: float | None
    published_area_km2: float | None
    published_area_source: str | None
    enterprises: Counts
    density_per_km2: float | None
    by_industry: list[IndustryCounts]
    by_layer: list[LayerCounts]
    indicators: list[IndicatorDocument]
    growth_targets: list[GrowthTargetDocument]
    rules: list[Title]


def profile_document(profile: Profile) -> ProfileDocument:
    """The document of a profile."""
    area = profile.area
    return ProfileDocument(
        area=_area(area),
        land_area_m2=profile.land_area_m2,
        published_area_km2=area.published_area_km2 if area else None,
        published_area_source=area.published_area_source if area else None,
        enterprises=Counts(
            declared=_of(profile.declared, "enterprises"),
            located=_of(profile.located, "enterprises"),
        ),
        density_per_km2=_density(profile),
        by_industry=_by_industry(profile.declared_industries, profile.located_industries),
        by_layer=_by_layer(profile.declared, profile.located),
        indicators=[_indicator(indicator) for indicator in profile.indicators],
        growth_targets=_growth_targets(profile.growth_targets),
        rules=[_title(rule) for rule in RULES],
    )


def _title(text: Text) -> Title:
    return Title(zh=text.zh, en=text.en)


def _area(area: Area | None) -> AreaDocument | None:
    if area is None:
        return None
    return AreaDocument(**{name: getattr(area, name) for name in AreaDocument.model_fields})


def _of(tally: Tally | None, key: str | None) -> int | None:
    return None if tally is None else tally.get(key, 0)


def _density(profile: Profile) -> float | None:
    located = _of(profile.located, "enterprises")
    if located is None or not profile.land_area_m2:
        return None
    return located / (profile.land_area_m2 / SQUARE_METRES_A_KM2)


def _by_industry(declared: Tally | None, located: Tally | None) -> list[IndustryCounts]:
    titles: list[tuple[str | None, Text]] = [*INDUSTRY.codes.items(), (None, UNKNOWN_INDUSTRY)]
    return [
        IndustryCounts(
            industry=code,
            title=_title(title),
            declared=_of(declared, code),
            located=_of(located, code),
        )
        for code, title in titles
        if code is not None or _of(declared, code) or _of(located, code)
    ]


def _by_layer(declared: Tally | None, located: Tally | None) -> list[LayerCounts]:
    return [
        LayerCounts(
            layer=layer.id,
            title=_title(layer.title),
            declared=_of(declared, layer.id),
            located=_of(located, layer.id),
        )
        for layer in CATALOG
    ]


def _indicator(indicator: Indicator) -> IndicatorDocument:
    figures = {
        kind: _figure(figure, indicator.units[kind]) for kind, figure in indicator.figures.items()
    }
    first = next(iter(figures.values()))
    return IndicatorDocument(
        key=indicator.key,
        title=Title(zh=indicator.name_zh, en=indicator.name_en),
        unit=first.unit,
        baseline=figures.get("baseline"),
        target=figures.get("target"),
    )


def _figure(figure: Figure, unit: str) -> FigureDocument:
    return FigureDocument(unit=unit, **vars(figure))


def _growth_targets(targets: Sequence[GrowthTarget]) -> list[GrowthTargetDocument]:
    return [GrowthTargetDocument(**vars(target)) for target in targets]
