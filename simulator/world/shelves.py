"""Where products stand in Amazon's shop: product types and the tree of browse nodes."""

from dataclasses import dataclass

from simulator.world.vocabulary import Vocabulary

Names = tuple[str, str, str, str]
"""Italian, German, English, Japanese."""
_LANGUAGES = ("it", "de", "en", "ja")


@dataclass(frozen=True)
class Department:
    """A display group of the shop, the root of its browse nodes."""

    code: str
    node: int
    names: Names

    def name(self, vocabulary: Vocabulary) -> str:
        return self.names[_LANGUAGES.index(vocabulary.language)]


@dataclass(frozen=True)
class Shelf:
    """A leaf of the browse tree. ``category`` is the season of its products, see ``catalogue``."""

    number: int
    category: int
    product_type: str
    department: Department
    names: Names

    @property
    def node(self) -> int:
        return self.department.node * 100 + 7 + self.number * 13

    def name(self, vocabulary: Vocabulary) -> str:
        return self.names[_LANGUAGES.index(vocabulary.language)]


_KITCHEN = Department("kitchen_display_on_website", 602413, ("Casa e cucina", "Küche & Haushalt", "Kitchen", "ホーム"))
_TOOLS = Department("home_improvement_display_on_website", 718826, ("Fai da te", "Baumarkt", "DIY & Tools", "工具"))
_GARDEN = Department("lawn_and_garden_display_on_website", 835519, ("Giardino", "Garten", "Garden", "ガーデン"))
_TOYS = Department("toy_display_on_website", 964071, ("Giochi", "Spielzeug", "Toys & Games", "おもちゃ"))
_OFFICE = Department("office_product_display_on_website", 571938, ("Cancelleria", "Bürobedarf", "Stationery", "文房具"))

_ROWS: tuple[tuple[int, str, Department, Names], ...] = (
    (0, "KITCHEN_KNIFE", _KITCHEN, ("Coltello da Cucina", "Küchenmesser", "Kitchen Knife", "包丁")),
    (0, "SAUTE_FRY_PAN", _KITCHEN, ("Padella", "Bratpfanne", "Frying Pan", "フライパン")),
    (0, "STORAGE_BOX", _KITCHEN, ("Scatola Portaoggetti", "Aufbewahrungsbox", "Storage Box", "収納ボックス")),
    (0, "SCREWDRIVER", _TOOLS, ("Cacciavite", "Schraubendreher", "Screwdriver", "ドライバー")),
    (0, "MEASURING_TAPE", _TOOLS, ("Metro a Nastro", "Maßband", "Measuring Tape", "巻き尺")),
    (1, "GARDEN_HOSE", _GARDEN, ("Tubo da Giardino", "Gartenschlauch", "Garden Hose", "散水ホース")),
    (1, "BEACH_UMBRELLA", _GARDEN, ("Ombrellone", "Sonnenschirm", "Parasol", "ビーチパラソル")),
    (1, "COOLER", _KITCHEN, ("Borsa Termica", "Kühltasche", "Cool Bag", "保冷バッグ")),
    (2, "ELECTRIC_BLANKET", _KITCHEN, ("Termocoperta", "Heizdecke", "Heated Throw", "電気毛布")),
    (2, "SNOW_SHOVEL", _GARDEN, ("Pala da Neve", "Schneeschaufel", "Snow Shovel", "雪かきスコップ")),
    (2, "THERMOS", _KITCHEN, ("Thermos", "Isolierflasche", "Insulated Bottle", "魔法瓶")),
    (3, "BOARD_GAME", _TOYS, ("Gioco da Tavolo", "Brettspiel", "Board Game", "ボードゲーム")),
    (3, "PUZZLES", _TOYS, ("Puzzle", "Puzzlespiel", "Jigsaw Puzzle", "ジグソーパズル")),
    (3, "CANDLE", _KITCHEN, ("Candela Profumata", "Duftkerze", "Scented Candle", "アロマキャンドル")),
    (4, "BACKPACK", _OFFICE, ("Zaino Scuola", "Schulrucksack", "School Backpack", "通学リュック")),
    (4, "PENCIL_CASE", _OFFICE, ("Astuccio", "Federmäppchen", "Pencil Case", "筆箱")),
    (4, "NOTEBOOK", _OFFICE, ("Quaderno", "Notizbuch", "Notebook", "ノート")),
)
SHELVES: tuple[Shelf, ...] = tuple(Shelf(number, *row) for number, row in enumerate(_ROWS))
MISPLACED_SHELF = SHELVES[4]
"""Where a page ends up whose classification goes wrong; ``OTHER_MISPLACED_SHELF`` for those that stand there."""
OTHER_MISPLACED_SHELF = SHELVES[12]
