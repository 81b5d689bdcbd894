"""The words that product pages are written with, one vocabulary per language."""

from dataclasses import dataclass

Words = tuple[str, ...]


@dataclass(frozen=True)
class Vocabulary:
    """Word lists of one language. ``gap`` stands between sentences, ``joiner`` between the phrases of a title."""

    language: str
    locale: str
    joiner: str
    gap: str
    colours: Words
    sizes: Words
    materials: Words
    phrases: Words
    """Parts of a title; no word of four letters or more stands in two of them."""
    heads: Words
    sentences: Words


ITALIAN = Vocabulary(
    language="it",
    locale="it_IT",
    joiner=", ",
    gap=" ",
    colours=("Nero", "Bianco", "Rosso", "Blu", "Verde", "Grigio", "Beige", "Giallo"),
    sizes=("XS", "S", "M", "L", "XL", "20 cm", "30 cm", "45 cm"),
    materials=("Acciaio Inox", "Cotone", "Bambù", "Silicone", "Alluminio", "Legno di Faggio"),
    phrases=(
        "Resistente all'Acqua",
        "Facile da Pulire",
        "Impugnatura Antiscivolo",
        "con Custodia da Viaggio",
        "Design Compatto e Leggero",
        "Idea Regalo per Tutta la Famiglia",
        "Adatto a Uso Quotidiano",
        "Lunga Durata Certificata",
        "Montaggio Rapido senza Attrezzi",
        "Set Completo di Accessori",
        "Superficie Antigraffio",
        "Chiusura Sicura",
    ),
    heads=("QUALITÀ", "PRATICO", "SICURO", "VERSATILE", "CONTENUTO DELLA CONFEZIONE", "GARANZIA"),
    sentences=(
        "Il materiale robusto resiste all'uso di ogni giorno e conserva a lungo il suo aspetto.",
        "Si pulisce in pochi secondi con un panno umido e asciuga senza lasciare aloni.",
        "L'impugnatura ergonomica resta salda anche con le mani bagnate.",
        "La forma compatta occupa poco spazio e si ripone facilmente in un cassetto.",
        "Ogni pezzo viene controllato prima di lasciare lo stabilimento.",
        "La confezione è riciclabile e contiene istruzioni illustrate in cinque lingue.",
        "È adatto a principianti e a chi lo usa per lavoro.",
        "I bordi arrotondati proteggono le superfici delicate.",
        "Si monta senza attrezzi e in meno di cinque minuti.",
        "Un'idea regalo utile per la casa, per il giardino e per le vacanze.",
    ),
)
GERMAN = Vocabulary(
    language="de",
    locale="de_DE",
    joiner=", ",
    gap=" ",
    colours=("Schwarz", "Weiß", "Rot", "Blau", "Grün", "Grau", "Beige", "Gelb"),
    sizes=("XS", "S", "M", "L", "XL", "20 cm", "30 cm", "45 cm"),
    materials=("Edelstahl", "Baumwolle", "Bambus", "Silikon", "Aluminium", "Buchenholz"),
    phrases=(
        "Wasserabweisend",
        "Leicht zu Reinigen",
        "Rutschfester Griff",
        "mit Aufbewahrungstasche",
        "Kompakt und Handlich",
        "Geschenkidee für die ganze Familie",
        "für den täglichen Gebrauch",
        "Besonders Langlebig",
        "Aufbau ohne Werkzeug",
        "Komplettes Zubehör im Set",
        "Kratzfeste Oberfläche",
        "Sicherer Verschluss",
    ),
    heads=("QUALITÄT", "PRAKTISCH", "SICHER", "VIELSEITIG", "LIEFERUMFANG", "GARANTIE"),
    sentences=(
        "Das robuste Material hält dem täglichen Gebrauch stand und behält lange sein Aussehen.",
        "Mit einem feuchten Tuch ist es in wenigen Sekunden wieder sauber.",
        "Der ergonomische Griff liegt auch mit nassen Händen fest in der Hand.",
        "Die kompakte Form braucht wenig Platz und passt in jede Schublade.",
        "Jedes Stück wird geprüft, bevor es das Werk verlässt.",
        "Die Verpackung ist recycelbar und enthält eine bebilderte Anleitung in fünf Sprachen.",
        "Es eignet sich für Einsteiger ebenso wie für den beruflichen Einsatz.",
        "Abgerundete Kanten schonen empfindliche Oberflächen.",
        "Der Aufbau gelingt ohne Werkzeug in weniger als fünf Minuten.",
        "Ein nützliches Geschenk für Haushalt, Garten und Urlaub.",
    ),
)
ENGLISH = Vocabulary(
    language="en",
    locale="en_GB",
    joiner=", ",
    gap=" ",
    colours=("Black", "White", "Red", "Blue", "Green", "Grey", "Beige", "Yellow"),
    sizes=("XS", "S", "M", "L", "XL", "8 Inch", "12 Inch", "18 Inch"),
    materials=("Stainless Steel", "Cotton", "Bamboo", "Silicone", "Aluminium", "Beech Wood"),
    phrases=(
        "Water Resistant",
        "Easy to Clean",
        "Non-Slip Grip",
        "with Carry Case",
        "Compact and Lightweight Design",
        "Gift Idea for the Whole Family",
        "Suitable for Everyday Use",
        "Long Lasting Finish",
        "Quick Assembly without Tools",
        "Complete Accessory Set",
        "Scratch Proof Surface",
        "Secure Locking Lid",
    ),
    heads=("QUALITY", "PRACTICAL", "SAFE", "VERSATILE", "IN THE BOX", "WARRANTY"),
    sentences=(
        "The sturdy material stands up to everyday use and keeps its looks for years.",
        "A damp cloth cleans it in a few seconds and leaves no streaks behind.",
        "The ergonomic grip stays firm in the hand even when it is wet.",
        "Its compact shape takes up little space and stores away in any drawer.",
        "Every piece is inspected before it leaves the factory.",
        "The recyclable box contains an illustrated guide in five languages.",
        "It suits beginners as well as those who use it at work every day.",
        "Rounded edges protect delicate surfaces from scratches.",
        "It goes together without tools in less than five minutes.",
        "A useful present for the home, the garden and for holidays.",
    ),
)
JAPANESE = Vocabulary(
    language="ja",
    locale="ja_JP",
    joiner=" ",
    gap="",
    colours=("ブラック", "ホワイト", "レッド", "ブルー", "グリーン", "グレー", "ベージュ", "イエロー"),
    sizes=("XS", "S", "M", "L", "XL", "20cm", "30cm", "45cm"),
    materials=("ステンレス鋼", "コットン", "竹製", "シリコン", "アルミニウム", "ブナ材"),
    phrases=(
        "防水仕様で雨の日も安心",
        "お手入れ簡単水洗い可能",
        "滑りにくい握りやすい持ち手",
        "持ち運びに便利な収納袋付き",
        "軽量コンパクト設計",
        "ご家族への贈り物に最適",
        "毎日の暮らしに使いやすい",
        "長く使える丈夫なつくり",
        "工具不要のかんたん組み立て",
        "付属品一式セット",
        "傷に強い表面加工",
        "しっかり閉まる安全ロック",
        "置き場所に困らない省スペース",
        "日本語説明書付属",
    ),
    heads=("【品質】", "【便利】", "【安心】", "【多用途】", "【セット内容】", "【保証】"),
    sentences=(
        "丈夫な素材を使用しているため、毎日使っても美しい見た目が長く続きます。",
        "濡れた布でさっと拭くだけで汚れが落ち、跡も残りません。",
        "手になじむ形の持ち手は、濡れた手でもしっかり握れます。",
        "場所を取らない形なので、引き出しの中にもすっきり収まります。",
        "すべての製品は出荷前に一つずつ検査しています。",
        "箱は再生紙でできており、図解入りの説明書が付いています。",
        "初めての方にも、仕事で毎日お使いになる方にも向いています。",
        "角を丸く仕上げているので、大切な家具を傷つけません。",
        "工具を使わずに五分以内で組み立てることができます。",
        "家庭でも庭でも旅行先でも役に立つ贈り物です。",
    ),
)
_BY_MARKETPLACE = {"APJ6JRA9NG5V4": ITALIAN, "A1PA6795UKMFR9": GERMAN, "A1VC38T7YXB528": JAPANESE}


def vocabulary_of(marketplace_id: str) -> Vocabulary:
    """The language of a marketplace's pages: Italian, German or Japanese at home, English everywhere else."""
    return _BY_MARKETPLACE.get(marketplace_id, ENGLISH)
