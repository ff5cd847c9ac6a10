"""Ids of channels and people as somebody pastes them: read where that is certain, else refused with where the right one is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms import IDS
from core.services.refusals import Refusal
from core.services.staff.platform_ids import channel_id, person_id

CHANNEL = "19:a1b2c3d4e5f6@thread.tacv2"
PERSON = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"

CHANNELS = [
    # platform, what is pasted, the id it is
    ("slack", "C0NORTH", "C0NORTH"),
    ("slack", "C1", "C1"),
    ("slack", "G012OLDER", "G012OLDER"),
    ("slack", " C0NORTH\r\n", "C0NORTH"),
    ("slack", "\u200b“C0NORTH”\ufeff", "C0NORTH"),
    ("slack", "`C0NORTH`", "C0NORTH"),
    ("slack", "c0lowerch", "C0LOWERCH"),
    ("slack", "<#C0NORTH|north-npq>", "C0NORTH"),
    ("slack", "<#C0NORTH>", "C0NORTH"),
    ("slack", "#C0NORTH", "C0NORTH"),
    ("slack", "https://northern.slack.com/archives/C0NORTH", "C0NORTH"),
    ("slack", "https://northern.slack.com/archives/C0NORTH/p1655300000?thread_ts=1.2&cid=C0NORTH", "C0NORTH"),
    ("slack", "<https://northern.slack.com/archives/C0NORTH|north>", "C0NORTH"),
    ("slack", "https://app.slack.com/client/T012ABC/C0NORTH", "C0NORTH"),
    ("slack", "slack://channel?team=T012ABC&id=C0NORTH", "C0NORTH"),
    ("teams", CHANNEL, CHANNEL),
    ("teams", "19:leads@thread.v2", "19:leads@thread.v2"),
    ("teams", "19:older@thread.skype", "19:older@thread.skype"),
    ("teams", "19%3Aa1b2c3d4e5f6%40thread.tacv2", CHANNEL),
    ("teams", "19%253Aa1b2c3d4e5f6%2540thread.tacv2", CHANNEL),
    ("teams", f"{CHANNEL};messageid=1655", CHANNEL),
    (
        "teams",
        f"https://teams.microsoft.com/l/channel/19%3Aa1b2c3d4e5f6%40thread.tacv2/General?groupId={PERSON}&tenantId={PERSON}",
        CHANNEL,
    ),
    ("teams", "https://teams.cloud.microsoft/l/message/19:a1b2c3d4e5f6@thread.tacv2/1655?context=x", CHANNEL),
    ("teams", "team-id", "team-id"),  # Microsoft's local client
    ("teams", "channel-announcements-id", "channel-announcements-id"),
]
PEOPLE = [
    ("slack", "U0SAM", "U0SAM"),
    ("slack", "W0GRID", "W0GRID"),
    ("slack", "u0lower99", "U0LOWER99"),
    ("slack", "<@U0MENTION|mia>", "U0MENTION"),
    ("slack", "<@U0MENTION>", "U0MENTION"),
    ("slack", "@U0MENTION", "U0MENTION"),
    ("slack", "https://northern.slack.com/team/U0SAM", "U0SAM"),
    ("teams", PERSON, PERSON),
    ("teams", PERSON.upper(), PERSON),
    ("teams", f"{{{PERSON}}}", PERSON),
    ("teams", PERSON.replace("-", ""), PERSON),
    ("teams", f"8:orgid:{PERSON}", PERSON),
    ("teams", f"https://entra.microsoft.com/#view/UserProfileMenuBlade/~/overview/userId/{PERSON}/hide~/true", PERSON),
    ("teams", "29:1a-B_c", "29:1a-B_c"),
    ("teams", "user-id-0", "user-id-0"),  # Microsoft's local client
    ("teams", "00000000-0000-0000-0000-0000000000020", "00000000-0000-0000-0000-0000000000020"),
]
NO_CHANNELS = [
    # platform, what is pasted, what the refusal says of it
    ("slack", "#north-npq", "a channel's name"),
    ("slack", "north-npq", "a name"),
    ("slack", "General", "a name"),
    ("slack", "c4", "a name"),
    ("slack", "northern@hub.example", "an e-mail address"),
    ("slack", "https://northern.slack.com/archives/", "a link that names none"),
    ("slack", "https://example.org/C0NORTH", "a link that names none"),
    ("slack", "U0SAM", "the id of a person"),
    ("slack", "D0SAM", "one person's own conversation"),
    ("slack", "https://northern.slack.com/archives/D0SAM", "one person's own conversation"),
    ("slack", "T012ABC", "the workspace's id"),
    ("slack", CHANNEL, "an id of Teams: give --platform teams"),
    ("slack", "С0NORTH", "a name"),  # a Cyrillic letter
    ("teams", "General", "a name"),
    ("teams", "19:a1b2c3", "cut"),
    ("teams", f"{CHANNEL} 19:other@thread.tacv2", "more than one"),
    ("teams", f"19:{PERSON}_{PERSON}@unq.gbl.spaces", "one person's own chat"),
    ("teams", "a:1xyz", "one person's own chat"),
    ("teams", PERSON, "the id of a person"),
    ("teams", "abc.northern@emea.teams.ms", "an e-mail address"),
    ("teams", "C0NORTH", "an id of Slack: give --platform slack"),
]
NO_PEOPLE = [
    ("slack", "sam.green", "a name"),
    ("slack", "@prema", "a name"),
    ("slack", "Sam Green", "a name"),
    ("slack", "viewer", "a name"),
    ("slack", "<mailto:mia@hub.example|mia@hub.example>", "an e-mail address"),
    ("slack", "C0NORTH", "the id of a channel"),
    ("slack", "B012ABC", "a bot's id"),
    ("slack", PERSON, "an id of Teams: give --platform teams"),
    ("teams", "sam@school.org", "an e-mail address"),
    ("teams", "Sam Green", "a name"),
    ("teams", CHANNEL, "the id of a channel"),
    ("teams", f"28:{PERSON}", "a bot's id"),
    ("teams", "U0SAM", "an id of Slack: give --platform slack"),
    ("teams", "https://teams.microsoft.com/l/chat/0/0?users=sam@school.org", "a link that names none"),
]
WHERE = {
    ("slack", "channel"): "at the bottom of About",
    ("slack", "person"): "Copy member ID",
    ("teams", "channel"): "Get link to channel",
    ("teams", "person"): "it answers with their id",
}


@pytest.mark.parametrize(("platform", "pasted", "meant"), CHANNELS)
def test_a_channel_is_read_where_it_can_only_be_that_one(platform: str, pasted: str, meant: str) -> None:
    assert channel_id(IDS, platform, pasted) == meant
    assert channel_id(IDS, platform, meant) == meant


@pytest.mark.parametrize(("platform", "pasted", "meant"), PEOPLE)
def test_a_person_is_read_where_it_can_only_be_that_one(platform: str, pasted: str, meant: str) -> None:
    assert person_id(IDS, platform, pasted) == meant
    assert person_id(IDS, platform, meant) == meant


@pytest.mark.parametrize(("platform", "pasted", "says"), NO_CHANNELS)
def test_what_is_no_channels_id_is_refused_with_where_to_find_it(platform: str, pasted: str, says: str) -> None:
    with pytest.raises(Refusal) as refused:
        channel_id(IDS, platform, pasted)
    assert (refused.value.code, refused.value.field) == ("not_an_id", "id")
    assert says in refused.value.message
    assert WHERE[platform, "channel"] in refused.value.message


@pytest.mark.parametrize(("platform", "pasted", "says"), NO_PEOPLE)
def test_what_is_no_persons_id_is_refused_with_where_to_find_it(platform: str, pasted: str, says: str) -> None:
    with pytest.raises(Refusal) as refused:
        person_id(IDS, platform, pasted, field="owner")
    assert (refused.value.code, refused.value.field) == ("not_an_id", "owner")
    assert says in refused.value.message
    assert WHERE[platform, "person"] in refused.value.message


@given(st.sampled_from(["slack", "teams"]), st.text(max_size=80) | st.from_regex(r"\A[<#@]?[CUD19:@a-f%/-]{1,40}\Z"))
def test_anything_pasted_is_an_id_that_stays_itself_or_is_refused(platform: str, pasted: str) -> None:
    for read in (channel_id, person_id):
        try:
            found = read(IDS, platform, pasted)
        except Refusal:
            continue
        assert read(IDS, platform, found) == found
        assert found.isascii()
        assert not any(one.isspace() for one in found)
