"""What a person may want to know of a sync and need not act on.

Like faults, notes are kept as templates with their arguments, so that a front end can translate the template and fill
it in afterwards. Arguments may hold hostile text; they are data, never markup.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

_MONEY = "_usd"


class Note:
    """One note.

    Args:
        text: the template.
        plural: the template for another `count` than 1; '' where nothing is counted.
        args: values of the template: numbers, texts, or notes of their own, which are translated too; dollars, whose
            names end in `_usd`, are said in cents and kept to the last digit.
    """

    def __init__(self, text: str, plural: str = "", /, **args: Any) -> None:
        self.text = text
        self.plural = plural
        self.args = args

    def said(
        self, translate: Callable[[str, str, int], str] | None = None, mask: Callable[[str], str] = str
    ) -> str:
        """The note as a sentence.

        Args:
            translate: gives a template in the reader's language, of its singular, plural ('' if it has none) and count;
                left out, the note is in English.
            mask: what texts among the arguments are put through.
        """
        count = self.args.get("count", 1)
        chosen = self.plural if self.plural and count != 1 else self.text
        template = translate(self.text, self.plural, count) if translate else chosen
        places = _places([Decimal(value) for name, value in self.args.items() if name.endswith(_MONEY)])
        return template.format(
            **{
                name: f"{Decimal(value):,.{places}f}"
                if name.endswith(_MONEY)
                else _value(value, translate, mask)
                for name, value in self.args.items()
            }
        )

    def __str__(self) -> str:
        return self.said()

    def as_dict(self) -> dict[str, Any]:
        """The note as JSON data, template and arguments kept apart for translation."""
        return {
            "text": self.text,
            "plural": self.plural,
            "args": {
                name: value.as_dict()
                if isinstance(value, Note)
                else value
                if isinstance(value, int)
                else str(value)
                for name, value in self.args.items()
            },
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Note:
        args = {
            name: cls.from_dict(value) if isinstance(value, Mapping) else value
            for name, value in data["args"].items()
        }
        return cls(data["text"], data["plural"], **args)


def _places(amounts: Sequence[Decimal]) -> int:
    """Decimals that tell amounts apart, cents at least."""
    return next(
        (n for n in range(2, 10) if len({round(item, n) for item in amounts}) == len(set(amounts))), 10
    )


def _value(
    value: object, translate: Callable[[str, str, int], str] | None, mask: Callable[[str], str]
) -> object:
    if isinstance(value, Note):
        return value.said(translate, mask)
    return f"{value:,}" if isinstance(value, int) else mask(str(value))
