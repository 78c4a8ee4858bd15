"""Japanese surnames and given names in kanji, kana and Latin letters, and the words that only look like one.

The lists are those of the package japanese-personal-name-dataset (MIT): 1,999 surnames, which about four in five people
in Japan bear, and the given names of the national library's authority file. A name that is not on them is not found.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from japanese_personal_name_dataset import load_dataset


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


HONORIFICS = ("ちゃん", "さま", "さん", "くん", "様", "殿", "氏", "君")
ROMAJI_HONORIFICS = frozenset({"sama", "san", "kun", "chan", "dono"})

PLACES = _words(
    """
    宮城 秋田 山形 福島 茨城 千葉 神奈川 富山 石川 福井 長野 静岡 三重 奈良 岡山 山口 香川
    福岡 長崎 熊本 宮崎 高知 大分 札幌 仙台 川崎 横浜 名古屋 神戸 広島 高松 松山 金沢 松本
    渋谷 品川 目黒 板橋 立川 大津 大阪 大坂 水戸 高崎 宇都宮 日光 出口 入口 中央 朝日 三角
    立石 大道 瀬戸 日高 日向 大和 大東 近江 伊勢 石垣 東山 的場 大門 一色 四方 正木 真下
    上下 熊野 鎌倉 成田 羽田 日吉 尾道 新居 本間 大月 大黒 神 所 前 高 奥 境
    """
)
"""Surnames that are as often a place, a branch of the hospital or a plain word; alone they name nobody."""

NOT_NAMES = _words(
    """
    病院 医院 大学 クリニック 診療所 センター 研究 学校 病棟 外来 支社 支店 公園 医療 医師会
    県立 市立 記念 膜 腺 腔 骨 腸 胃 肺 肝 腎 臓 脳 癌 腫 瘍 症 菌 培養 染色 検査 撮影
    顕微 内視 手術 術前 術後 レンズ 関節 関東 関西 画像 動画 写真 装置 機器 本体 倍率 測定
    記録 報告 資料 説明 練習 試験 設定 共有 保存 一覧 予備 未整理 中心 上部 下部 前部 後部
    平均 平面 平成 西暦 東京 北京 南京 原因 森林 星空 金属 泉質 安静 林間 奥行 今日 今月
    今年 乾燥 境界 境目 前日 前月 前年 前回 前後 前方 前面 前立 高度 高速 高画 高感 高解
    高温 沖縄 滝行 浜辺 岸辺 長期 長軸 長時 芝生 藤色 桂皮 城内 城下 坂道 堤防 神経 新規
    新型 新生 新品 荒天
    """
)
"""Parts of words in Japanese folders that begin like a surname or hold one."""

_NOT_ROMAJI_SURNAMES = _words(
    """
    date mine nose soda fuse iso osaka sahara obama kobe ari tai cho yoko mae shin kai ori ida ide ima toi tone
    sone kane made base hose mono mode same pan ara sada nara nagasaki fukushima
    """
)
_NOT_ROMAJI_GIVEN = _words(
    """
    you are man non june china ten mine san gun none ran ben zero ban hide marine dan mini arena gen ton shine
    jun arise han ion jin den sen tan jon ian mon era cho tao ama sao same mode tai shin ren rio roma teresa
    kenya toyota nano neon neo nana iso kai tate tae asa aria serie serena arc kan mana uno dai sai edo ara tone
    tame kin maine rosa anna maria marie mario karen sue santo seine karan sonata moto moai mare mira nova rei
    sera
    """
)
_SHORTEST_ROMAJI = 3
_SHORTEST_KANA = 2


@dataclass(frozen=True)
class PersonNames:
    """Parts of names by the script they are written in; Latin letters are small, kana are hiragana."""

    surnames: frozenset[str]
    given: frozenset[str]
    kana_surnames: frozenset[str]
    kana_given: frozenset[str]
    romaji_surnames: frozenset[str]
    romaji_given: frozenset[str]


@functools.cache
def person_names() -> PersonNames:
    """The lists, read once in a process (0.2 s)."""
    men, women, last = load_dataset(kind="org", include_last_names=True)
    readings = [reading for entries in (men, women) for reading in entries]
    latin = {entry["en"] for entries in (men, women) for entry in entries.values()}
    return PersonNames(
        surnames=frozenset(last),
        given=frozenset(
            kanji for entries in (men, women) for entry in entries.values() for kanji in entry["kanji"]
        ),
        kana_surnames=frozenset(
            entry["reading"] for entry in last.values() if len(entry["reading"]) >= _SHORTEST_KANA
        ),
        kana_given=frozenset(reading for reading in readings if len(reading) >= _SHORTEST_KANA),
        romaji_surnames=_spellings(entry["en"] for entry in last.values()) - _NOT_ROMAJI_SURNAMES,
        romaji_given=_spellings(latin) - _NOT_ROMAJI_GIVEN,
    )


_LONG_VOWELS = (("ou", "o"), ("ou", "oh"), ("oo", "o"), ("oo", "oh"), ("uu", "u"))
_OTHER_SYSTEM = (("sh", "sy"), ("syi", "si"), ("ch", "ty"), ("tyi", "ti"), ("tsu", "tu"), ("fu", "hu"), ("ji", "zi"),
                 ("j", "zy"))  # fmt: skip


def _spellings(readings: object) -> frozenset[str]:
    """Every usual spelling of readings in Latin letters: satou, sato, satoh; yoshida, yosida."""
    found: set[str] = set()
    for reading in readings:  # type: ignore[attr-defined]
        spelled = {reading}
        for long, short in _LONG_VOWELS:
            spelled |= {text.replace(long, short) for text in spelled}
        other = set()
        for text in spelled:
            for hepburn, kunrei in _OTHER_SYSTEM:
                text = text.replace(hepburn, kunrei)
            other.add(text)
        found |= spelled | other
    return frozenset(text for text in found if len(text) >= _SHORTEST_ROMAJI)
