"""Labelled keys for measuring how well identities are found: synthetic, drawn from a seed, no real person.

Names are drawn as people bear them: four in five surnames by how many people have them, one in five from a list of
rare ones that no common list holds; given names are those of birth-year rankings, typed here and not taken from the
list that the detector knows.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from japanese_personal_name_dataset import load_dataset

from dashboard.demo.clinic import DEVICES
from dashboard.demo.faults import my_number


def words(text: str) -> list[str]:
    return text.split()


LISTED_SHARE = 0.8
RARE = [
    ("勅使河原", "テシガワラ", "teshigawara"),
    ("五百旗頭", "イオキベ", "iokibe"),
    ("小鳥遊", "タカナシ", "takanashi"),
    ("四月一日", "ワタヌキ", "watanuki"),
    ("我那覇", "ガナハ", "ganaha"),
    ("東風平", "コチンダ", "kochinda"),
    ("一尺八寸", "カマツカ", "kamatsuka"),
    ("薬袋", "ミナイ", "minai"),
    ("御手洗", "ミタライ", "mitarai"),
    ("道祖土", "サイド", "saido"),
    ("百目鬼", "ドウメキ", "doumeki"),
    ("鴨志田", "カモシダ", "kamoshida"),
    ("京極", "キョウゴク", "kyogoku"),
    ("葉梨", "ハナシ", "hanashi"),
    ("纐纈", "コウケツ", "koketsu"),
    ("雲英", "キラ", "kira"),
    ("禰宜田", "ネギタ", "negita"),
    ("月見里", "ヤマナシ", "yamanashi"),
    ("西大條", "ニシオオエダ", "nishioeda"),
    ("名嘉真", "ナカマ", "nakama"),
]
GIVEN = [
    ("一郎", "イチロウ", "ichiro"),
    ("健太", "ケンタ", "kenta"),
    ("花子", "ハナコ", "hanako"),
    ("美咲", "ミサキ", "misaki"),
    ("陽翔", "ハルト", "haruto"),
    ("蓮", "レン", "ren"),
    ("湊", "ミナト", "minato"),
    ("結愛", "ユア", "yua"),
    ("陽葵", "ヒマリ", "himari"),
    ("紬", "ツムギ", "tsumugi"),
    ("凛", "リン", "rin"),
    ("翔太", "ショウタ", "shota"),
    ("大輔", "ダイスケ", "daisuke"),
    ("拓也", "タクヤ", "takuya"),
    ("直樹", "ナオキ", "naoki"),
    ("誠", "マコト", "makoto"),
    ("洋子", "ヨウコ", "yoko"),
    ("節子", "セツコ", "setsuko"),
    ("和子", "カズコ", "kazuko"),
    ("恵子", "ケイコ", "keiko"),
    ("由美子", "ユミコ", "yumiko"),
    ("さくら", "サクラ", "sakura"),
    ("ひなた", "ヒナタ", "hinata"),
    ("愛", "アイ", "ai"),
    ("千代", "チヨ", "chiyo"),
    ("清", "キヨシ", "kiyoshi"),
    ("正雄", "マサオ", "masao"),
    ("茂", "シゲル", "shigeru"),
    ("勇気", "ユウキ", "yuki"),
    ("葵", "アオイ", "aoi"),
    ("樹里亜", "ジュリア", "juria"),
    ("心愛", "ココア", "kokoa"),
    ("龍之介", "リュウノスケ", "ryunosuke"),
    ("莉子", "リコ", "riko"),
    ("健一", "ケンイチ", "kenichi"),
    ("久美子", "クミコ", "kumiko"),
    ("真一", "シンイチ", "shinichi"),
    ("優斗", "ユウト", "yuto"),
    ("朱音", "アカネ", "akane"),
]
AFTER = ("", "_01", "_L", "_右眼", "_術後", "_20261120", "-2")
SHORT_VOWELS = (("ou", "o"), ("oo", "o"), ("uu", "u"))

Person = tuple[tuple[str, str, str], tuple[str, str, str]]


def _surnames() -> tuple[list[tuple[str, str, str]], list[int]]:
    last = load_dataset(include_last_names=True)[2]
    kana = {code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)}
    found = []
    for kanji, entry in last.items():
        romaji = entry["en"]
        for long, short in SHORT_VOWELS:
            romaji = romaji.replace(long, short)
        found.append((kanji, entry["reading"].translate(kana), romaji))
    return found, [entry["count"] for entry in last.values()]


def _folder(rng: random.Random) -> str:
    device = rng.choice(DEVICES)
    day = date(2026, 1, 1) + timedelta(days=rng.randrange(300))
    return f"{device.id}/{rng.choice(device.units)}/{day:%Y/%m/%d}/"


def _shot(rng: random.Random) -> str:
    device = rng.choice(DEVICES)
    moment = f"2026{rng.randrange(1, 13):02}{rng.randrange(1, 29):02}T{rng.randrange(24):02}{rng.randrange(60):02}00"
    return f"{device.id}-{rng.choice(device.units)}_{moment}_{rng.randrange(1, 400):04}"


def _placed(rng: random.Random, text: str) -> str:
    """A text as a folder, as a name, or in front of or behind the capture's own name."""
    ending = rng.choice(("jpg", "JPG", "tiff", "dcm", "mp4"))
    return rng.choice(
        (
            f"{_folder(rng)}{text}/{_shot(rng)}.{ending}",
            f"{text}/{_shot(rng)}.{ending}",
            f"{_folder(rng)}{text}{rng.choice(AFTER)}.{ending}",
            f"{_folder(rng)}{text}_{_shot(rng)}.{ending}",
            f"{_folder(rng)}{_shot(rng)}_{text}.{ending}",
        )
    )


def positives(seed: int, each: int) -> Iterator[tuple[str, str]]:
    """`each` keys of every kind, as (kind, key)."""
    rng = random.Random(seed)
    names, counts = _surnames()

    def person() -> Person:
        listed = rng.random() < LISTED_SHARE
        surname = rng.choices(names, counts)[0] if listed else rng.choice(RARE)
        return surname, rng.choice(GIVEN)

    def born(first: int = 1925, last: int = 2020) -> date:
        return date(rng.randrange(first, last), rng.randrange(1, 13), rng.randrange(1, 29))

    def kanji() -> str:
        surname, given = person()
        gap = rng.choice(("", "", "", " ", "_", "　", "・"))
        return (
            rng.choice(("", "", "", "患者_", "氏名"))
            + surname[0]
            + gap
            + given[0]
            + rng.choice(("", "", "様", "さん"))
        )

    def kana() -> str:
        surname, given = person()
        text = surname[1] + rng.choice(("", " ", "_", "　")) + given[1]
        half = str.maketrans(
            dict(
                zip(
                    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン",
                    "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝ",
                    strict=True,
                )
            )
        )
        hiragana = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}
        return rng.choice((text, text, text.translate(half), text.translate(hiragana)))

    def romaji() -> str:
        surname, given = person()
        first, second = surname[2], given[2]
        return rng.choice(
            (
                f"{first}_{second}",
                f"{first}-{second}",
                f"{first} {second}",
                f"{second}_{first}",
                f"{first.title()}{second.title()}",
                f"{first.upper()}_{second.upper()}",
                f"{first.title()}, {second.title()}",
                f"{first}_{second}{rng.randrange(10)}",
            )
        )

    def chart() -> str:
        width = rng.choice((6, 7, 7, 8, 8, 8, 10))
        number = f"{rng.randrange(10 ** (width - 1) if width == 10 else 10**4, 10**width):0{width}}"
        labels = (
            "ID",
            "id_",
            "ID-",
            "患者",
            "患者ID",
            "カルテ",
            "カルテNo",
            "patient_",
            "PID",
            "chart-",
            "MRN",
        )
        if rng.random() < 0.5:
            return _placed(rng, rng.choice(labels) + number)
        ending = rng.choice(("jpg", "dcm"))
        return rng.choice(
            (
                f"{_folder(rng)}{number}/{_shot(rng)}.{ending}",
                f"{number}/{_shot(rng)}.{ending}",
                f"{_folder(rng)}{number}_{_shot(rng)}.{ending}",
                f"{_folder(rng)}{number}_20261120_{rng.randrange(1, 40):02}.{ending}",
                f"{_folder(rng)}{number}_右眼_{rng.randrange(1, 10)}.{ending}",
            )
        )

    def birth() -> str:
        day = born()
        old = born(1925, 2000)
        era, start = (
            ("昭和", 1925) if day.year < 1989 else ("平成", 1988) if day.year < 2019 else ("令和", 2018)
        )
        letter, year = {"昭和": "S", "平成": "H", "令和": "R"}[era], max(1, day.year - start)
        return rng.choice(
            (
                f"{letter}{year}.{day.month}.{day.day}",
                f"{letter}{year:02}.{day:%m.%d}",
                f"{letter}{year}-{day:%m-%d}",
                f"{letter}{year:02}{day:%m%d}",
                f"{era}{year}年{day.month}月{day.day}日",
                f"{old:%Y%m%d}",
                f"{old:%Y-%m-%d}",
                f"{old:%Y.%m.%d}",
                f"{old.year}年{old.month}月{old.day}日生",
                f"DOB{day:%Y%m%d}",
                f"birth_{day:%Y-%m-%d}",
                f"生年月日{day:%Y%m%d}",
                f"{born(2001, 2021):%Y%m%d}",
            )
        )

    def number() -> str:
        digits = my_number(rng)
        gap = rng.choice(("", "", "-", " "))
        return gap.join((digits[:4], digits[4:8], digits[8:]))

    def phone() -> str:
        rest = [f"{rng.randrange(10**4):04}" for _ in range(2)]
        return rng.choice(
            (
                f"0{rng.choice('789')}0-{rest[0]}-{rest[1]}",
                f"0{rng.choice('789')}0{rest[0]}{rest[1]}",
                f"03-{rest[0]}-{rest[1]}",
                f"045-{rest[0][:3]}-{rest[1]}",
                f"0466-{rest[0][:2]}-{rest[1]}",
                f"+81-90-{rest[0]}-{rest[1]}",
                f"tel03{rest[0]}{rest[1]}",
            )
        )

    makers: dict[str, Callable[[], str]] = {
        "my_number": number,
        "phone_number": phone,
        "birth_date": birth,
        "kanji_name": kanji,
        "kana_name": kana,
        "romaji_name": romaji,
    }
    for kind, make in makers.items():
        for _ in range(each):
            yield kind, _placed(rng, make())
    for _ in range(each):
        yield "chart_number", chart()


JAPANESE_WORDS = words(
    """
    前眼部 後眼部 右眼 左眼 両眼 眼底 眼底写真 角膜 結膜 水晶体 硝子体 網膜 視神経乳頭 隅角
    虹彩 涙道 眼瞼 術前 術後 術中 手術顕微鏡 顕微鏡 内視鏡 細菌 細菌検査 真菌 グラム染色
    培地 寒天 コロニー 外来 病棟 東病棟 西病棟 南館 北館 三階 手術室 検査室 処置室 放射線科
    眼科 耳鼻科 皮膚科 整形外科 小児科 内科 外科 救急 受付 医局 一眼カメラ 一眼レフ
    タブレット スキャナ レンズ ガーゼ カメラ データ フォルダ コピー テスト サンプル 写真 動画
    静止画 画像 原画 元データ バックアップ 保存用 未整理 整理済 削除予定 その他 共有
    新しいフォルダ 説明用 練習 研究 学会 論文 症例 症例報告 患者一覧 患者写真 紹介状 同意書
    問診票 関節 膝関節 股関節 大腸 小腸 胃 肺 肝臓 腎臓 脳 骨 胸部 腹部 頭部 頸部 上肢
    下肢 手背 足底 正面 側面 斜位 前後 左右 上下 内外 中心 周辺 拡大 縮小 明視野 暗視野
    蛍光 位相差 微分干渉 倍率 平均 標準 校正 白板 福島分院 千葉 神奈川 東京 大阪本院
    山口大学 中村記念病院 石川県立病院 松本市 長野 日本 令和八年 平成 昭和 今日 前回 次回
    初診 再診 定期 けんさ しゅじゅつ ひだり みぎ まえ うしろ そのた てすと エコー モニター
    ケース ホワイトバランス フラッシュ ズーム マクロ ピント オペ カンファ ミドリ アカ アオ
    キズ アザ ホクロ シミ ヤケド スライド プレート ウェル チャンネル タイムラプス パノラマ
    ライブ オリジナル サムネイル プレビュー
    """
)
ENGLISH_WORDS = words(
    """
    anterior posterior segment left right eye eyes lens cornea retina fundus disc macula iris pupil lid wound
    face front side back top bottom before after cleaning surgery operation cataract vitrectomy glaucoma gram
    positive negative stain colony plate well channel slice stack frame video still photo image picture scan
    raw edited final draft copy backup export import upload download temp test sample control blank dark flat
    bright field phase contrast fluorescence green red blue white black light macro zoom wide normal auto
    manual exposure flash date time mine nose soda fuse base mode same made hose tone name note none zero ten
    man mini marine arena china june data set new old first last next previous open closed high low big small
    long short full empty good bad best patient consent form report chart list index cover page book paper
    table figure panel series study case group team clinic hospital room floor building north south east west
    city street station morning evening night day week month year spring summer autumn winter january march
    april may august camera phone tablet scanner microscope endoscope surgical bacteria shine arise gun ran
    ban hide dan gen ton ion era mana serie maria anna mario karen sue ken ben ian jon rosa santo kenya roma
    teresa main minor major sora apple orange banana cherry the and with without from into over under again
    please check ready done failed error warning info debug unknown other misc various
    """
)
LENSES = (
    "EF100mm_F2.8L_Macro",
    "RF24-70mm_F2.8",
    "AF-S_60mm_f2.8G",
    "Plan_Apo_20x_0.75",
    "UPLSAPO40X2",
    "EC_Plan-Neofluar_10x_0.30",
)


def negatives(seed: int, count: int) -> Iterator[tuple[str, str]]:
    """About `count` keys that name nobody, as (kind, key), in equal parts."""
    rng = random.Random(seed)

    def good() -> str:
        device = rng.choice(DEVICES)
        unit = rng.choice(device.units)
        at = date(2024, 1, 1) + timedelta(days=rng.randrange(1000))
        clock = f"{rng.randrange(24):02}{rng.randrange(60):02}{rng.randrange(60):02}"
        name = f"{device.id}-{unit}_{at:%Y%m%d}T{clock}_{rng.randrange(10_000):04}"
        return f"{device.id}/{unit}/{at:%Y/%m/%d}/{name}.{rng.choice(device.extensions)}"

    def counter() -> str:
        at = date(2024, 1, 1) + timedelta(days=rng.randrange(1000))
        clock = f"{rng.randrange(24):02}{rng.randrange(60):02}{rng.randrange(60):02}"
        name = rng.choice(
            (
                f"IMG_{rng.randrange(10**4):04}",
                f"DSC{rng.randrange(10**5):05}",
                f"P101{rng.randrange(10**4):04}",
                f"frame_{rng.randrange(10**6):06}",
                f"{rng.randrange(10**4):08}",
                f"{at:%Y%m%d}_{clock}",
                f"{at:%Y%m%d_%H%M%S}{rng.randrange(1000):03}",
                f"{at:%Y-%m-%d} {clock[:2]}.{clock[2:4]}.{clock[4:]}",
                f"IMG_{at:%Y%m%d}_{clock}",
                f"{at:%Y%m%d}{clock}",
                f"{at:%y%m%d}{clock}",
                f"{at:%Y%m%d}{clock[:4]}",
                f"{1_700_000_000 + rng.randrange(10**8)}",
                f"scan{rng.randrange(10**6)}_{rng.randrange(10):02}",
                f"Photo {at:%Y-%m-%d}, {clock[:2]} {clock[2:4]} {clock[4:]}",
                f"{clock}_{rng.randrange(99):02}",
                f"Snap-{rng.randrange(10**5)}",
                f"Image_{rng.randrange(10**5):05}",
                f"series_{rng.randrange(99)}_{rng.randrange(999):03}",
                f"IMG_{rng.randrange(10**4):04} ({rng.randrange(1, 9)})",
                f"MVI_{rng.randrange(10**4):04}",
            )
        )
        return f"{_folder(rng)}{name}.{rng.choice(('jpg', 'JPG', 'HEIC', 'mp4', 'dcm'))}"

    def uid() -> str:
        parts = [
            str(rng.randrange(10 ** rng.choice((1, 2, 4, 6, 9, 12)))) for _ in range(rng.randrange(4, 9))
        ]
        one = f"1.2.{rng.choice(('392.200036', '840.113619', '826.0.1.3680043'))}.{'.'.join(parts)}"
        name = rng.choice(
            (
                one,
                str(uuid.UUID(int=rng.getrandbits(128))),
                f"{rng.getrandbits(128):032x}",
                f"{rng.getrandbits(64):016x}",
            )
        )
        return rng.choice((f"{_folder(rng)}{name}.dcm", f"xray/x1/{name}/{name}.dcm"))

    def well() -> str:
        name = rng.choice(
            (
                f"{rng.choice('ABCDEFGH')}{rng.randrange(1, 13):02}_c{rng.randrange(1, 5)}_z{rng.randrange(60):02}",
                f"plate{rng.randrange(99):03}_{rng.choice('ABCDEFGH')}{rng.randrange(1, 13)}_t{rng.randrange(200):03}",
                f"r{rng.randrange(1, 17):02}c{rng.randrange(1, 25):02}f01p01-ch{rng.randrange(1, 5)}sk1fk1fl1",
                f"{rng.choice(LENSES)}_{rng.randrange(999):03}",
                f"tile_x{rng.randrange(99):03}_y{rng.randrange(99):03}_z{rng.randrange(99):03}",
                f"Exp-{rng.randrange(99)}-Deconv-{rng.randrange(9)}",
                f"T{rng.randrange(100):04}F{rng.randrange(9):03}L01A01Z{rng.randrange(9):02}C01",
            )
        )
        return f"bacteria/lab{rng.randrange(1, 4)}/{name}.{rng.choice(('czi', 'ome.tiff', 'nd2', 'vsi'))}"

    def english() -> str:
        gap = rng.choice(("_", "-", " ", "."))
        some = rng.choices(ENGLISH_WORDS, k=rng.randrange(2, 5))
        if rng.random() < 0.2:
            return f"{_folder(rng)}{''.join(word.title() for word in some)}.jpg"
        return f"{rng.choice((_folder(rng), 'misc/'))}{gap.join(some)}{rng.choice(('', '_1', '02'))}.jpg"

    def japanese() -> str:
        some = rng.choices(JAPANESE_WORDS, k=rng.randrange(1, 4))
        return rng.choice(
            (
                f"{_folder(rng)}{'_'.join(some)}.jpg",
                f"{_folder(rng)}{''.join(some)}.jpg",
                f"{some[0]}/{_shot(rng)}.jpg",
                f"{_folder(rng)}{_shot(rng)}_{some[0]}.jpg",
                f"{some[0]}/{some[-1]}/IMG_{rng.randrange(9999):04}.JPG",
                f"{_folder(rng)}{some[0]}{rng.randrange(99)}.jpg",
                f"{some[0]}・{some[-1]}/a.jpg",
            )
        )

    def digits() -> str:
        """Twelve digits whose check digit is wrong."""
        while True:
            right = my_number(rng)
            wrong = right[:11] + str(rng.choice([digit for digit in range(10) if digit != int(right[11])]))
            return _placed(rng, wrong)

    makers: dict[str, Callable[[], str]] = {
        "good_key": good,
        "counter": counter,
        "unique_id": uid,
        "microscope": well,
        "english_words": english,
        "japanese_words": japanese,
        "wrong_check_digit": digits,
    }
    for kind, make in makers.items():
        for _ in range(-(-count // len(makers))):
            yield kind, make()
