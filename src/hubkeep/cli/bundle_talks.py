"""Discussions between rows, where people are numbers, and bundles, where they are names."""

from collections.abc import Callable, Mapping

from hubkeep.cli.bundle_format import DeedFacts, SaidFacts, TalkFacts, TextFacts
from hubkeep.community.discussions import Deed, Said, Talk, Text

Number = Callable[[str | None], int | None]  # of a person who is known by name


def talk_facts(talk: Talk, names: Mapping[int, str]) -> TalkFacts:
    """Write a discussion down. Whoever is not in `names` is nobody."""

    def name(number: int | None) -> str | None:
        return names.get(number or 0)

    def text(one: Text) -> TextFacts:
        return TextFacts(raw=one.raw, at=one.at, by=name(one.user_id))

    def said(one: Said) -> SaidFacts:
        return SaidFacts(
            now=text(one.now),
            edits=one.edits,
            hidden=one.hidden,
            hidden_by=name(one.hidden_by),
            hidden_reason=one.hidden_reason,
            before=[text(older) for older in one.before],
            reactions=[(kind, names[user], at) for kind, user, at in one.reactions if user in names],
        )

    deeds = [
        DeedFacts(
            type=deed.type,
            at=deed.at,
            by=name(deed.user_id),
            data=dict(deed.data),
            said=said(deed.said) if deed.said is not None else None,
        )
        for deed in talk.deeds
    ]
    return TalkFacts(
        num=talk.num,
        title=talk.title,
        status=talk.status,
        author=name(talk.author_id),
        pinned=talk.pinned,
        locked=talk.locked,
        created_at=talk.created_at,
        updated_at=talk.updated_at,
        deeds=deeds,
        base_ref=talk.base_ref,
        head_oid=talk.head_oid,
        merged_onto=talk.merged_onto,
        merge_oid=talk.merge_oid,
        ref_deleted=talk.ref_deleted,
    )


def people_in(facts: TalkFacts) -> set[str]:
    """Return everybody who is named in a discussion."""
    named = {facts.author, *(deed.by for deed in facts.deeds)}
    for said in (deed.said for deed in facts.deeds if deed.said is not None):
        named |= {said.now.by, said.hidden_by, *(older.by for older in said.before)}
        named |= {user for _, user, _ in said.reactions}
    return {name for name in named if name is not None}


def talk_of(facts: TalkFacts, number: Number) -> Talk:
    """Read a discussion."""
    deeds = [
        Deed(
            deed.type.value,
            deed.at,
            number(deed.by),
            deed.data,
            _said(deed.said, number) if deed.said is not None else None,
        )
        for deed in facts.deeds
    ]
    return Talk(
        num=facts.num,
        title=facts.title,
        status=facts.status.value,
        author_id=number(facts.author),
        pinned=facts.pinned,
        locked=facts.locked,
        created_at=facts.created_at,
        updated_at=facts.updated_at,
        deeds=deeds,
        base_ref=facts.base_ref,
        head_oid=facts.head_oid,
        merged_onto=facts.merged_onto,
        merge_oid=facts.merge_oid,
        ref_deleted=facts.ref_deleted,
    )


def _said(facts: SaidFacts, number: Number) -> Said:
    def text(one: TextFacts) -> Text:
        return Text(one.raw, one.at, number(one.by))

    reacted = [(kind.value, number(user), at) for kind, user, at in facts.reactions]
    return Said(
        text(facts.now),
        facts.edits,
        facts.hidden,
        number(facts.hidden_by),
        facts.hidden_reason.value if facts.hidden_reason is not None else None,
        [text(older) for older in facts.before],
        [(kind, user, at) for kind, user, at in reacted if user is not None],
    )
