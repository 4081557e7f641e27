import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from messaging.identity import (
    AccountShape,
    InvalidKeyError,
    InvalidNameError,
    InvalidTokenError,
    KeyKind,
    Permissions,
    ServiceExport,
    ServiceImport,
    create_seed,
    decode,
    format_creds,
    hub_scope,
    mint_account,
    mint_hub_user,
    mint_operator,
    mint_user,
    public_key,
    require_name,
    require_public_key,
    sign,
)

# A pair made by the reference tool `nk` (github.com/nats-io/nkeys, its README).
REFERENCE_SEED = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"
REFERENCE_PUBLIC = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"


@pytest.mark.parametrize(("kind", "letter"), [(KeyKind.OPERATOR, "O"), (KeyKind.ACCOUNT, "A"), (KeyKind.USER, "U")])
def test_a_key_shows_its_kind(kind: KeyKind, letter: str) -> None:
    seed = create_seed(kind)
    assert seed.startswith("S" + letter)
    assert public_key(seed).startswith(letter)
    assert require_public_key(public_key(seed), kind) == public_key(seed)


def test_keys_agree_with_the_reference_implementation() -> None:
    assert public_key(REFERENCE_SEED) == REFERENCE_PUBLIC


def test_seeds_are_not_repeated() -> None:
    assert len({create_seed(KeyKind.USER) for _ in range(50)}) == 50


@pytest.mark.parametrize("text", ["", "U", "Uüü", "SUABC", REFERENCE_PUBLIC[:-1] + "A", REFERENCE_SEED])
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(InvalidKeyError):
        require_public_key(text, KeyKind.USER)


def test_a_key_of_the_wrong_kind_is_refused() -> None:
    with pytest.raises(InvalidKeyError):
        require_public_key(REFERENCE_PUBLIC, KeyKind.ACCOUNT)


@pytest.mark.parametrize("text", ["", "nonsense", "SUAAA", REFERENCE_PUBLIC])
def test_what_is_no_seed_is_refused(text: str) -> None:
    with pytest.raises(InvalidKeyError):
        public_key(text)


@pytest.mark.parametrize("name", ["*", ">", "a.b", "", "a b", "a\n", "ä", "a*", "{{name()}}"])
def test_a_name_that_is_more_than_one_token_is_refused(name: str) -> None:
    with pytest.raises(InvalidNameError):
        require_name(name)
    with pytest.raises(InvalidNameError):
        mint_hub_user(REFERENCE_PUBLIC, name, create_seed(KeyKind.ACCOUNT), public_key(create_seed(KeyKind.ACCOUNT)))


def test_a_token_says_what_was_put_in() -> None:
    account = create_seed(KeyKind.ACCOUNT)
    permissions = Permissions(publish=["evt.>"], subscribe=["_INBOX.>"], deny_publish=["evt.other.>"])
    claims = decode(mint_user(REFERENCE_PUBLIC, "catalog", permissions, account))
    assert claims["sub"] == REFERENCE_PUBLIC
    assert claims["iss"] == public_key(account)
    assert claims["name"] == "catalog"
    assert claims["nats"]["pub"] == {"allow": ["evt.>"], "deny": ["evt.other.>"]}
    assert claims["nats"]["sub"] == {"allow": ["_INBOX.>"]}


def test_a_tampered_token_is_refused() -> None:
    head, body, signature = mint_operator(create_seed(KeyKind.OPERATOR), "city", "A").split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    forged = base64.urlsafe_b64encode(json.dumps(claims | {"name": "other"}).encode()).rstrip(b"=").decode()
    with pytest.raises(InvalidTokenError):
        decode(f"{head}.{forged}.{signature}")


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "e30.e30.e30", "e30.W10.e30", "\u00e4.\u00e4.\u00e4"])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(InvalidTokenError):
        decode(token)


def test_a_hubs_token_carries_no_permissions_of_its_own() -> None:
    signing, account = create_seed(KeyKind.ACCOUNT), public_key(create_seed(KeyKind.ACCOUNT))
    until = datetime.now(UTC) + timedelta(days=90)
    token = mint_hub_user(REFERENCE_PUBLIC, "0199-hub", signing, account, expires_at=until)
    claims = decode(token)
    assert claims["nats"] == {"type": "user", "version": 2, "issuer_account": account}
    assert claims["iss"] == public_key(signing)
    assert claims["exp"] == int(until.timestamp())


def test_a_hub_is_confined_to_its_own_name() -> None:
    template = hub_scope(public_key(create_seed(KeyKind.ACCOUNT)))["template"]
    assert template["pub"]["allow"] == [
        "hub.{{name()}}.reports.*",
        "hub.{{name()}}.heartbeat",
        "hub.{{name()}}.claims",
        "$JS.API.CONSUMER.MSG.NEXT.JOBS.{{name()}}",
        "$JS.ACK.JOBS.{{name()}}.>",
    ]
    assert template["sub"]["allow"] == ["_INBOX_{{name()}}.>"]


def test_an_account_without_jetstream_has_no_limits_for_it() -> None:
    operator, account = create_seed(KeyKind.OPERATOR), public_key(create_seed(KeyKind.ACCOUNT))
    plain = decode(mint_account(account, "HUBS", AccountShape(imports=[ServiceImport("a.*", account)]), operator))
    streams = AccountShape(jetstream=True, exports=[ServiceExport("a.*", streaming=True)])
    full = decode(mint_account(account, "CORE", streams, operator))
    assert "disk_storage" not in plain["nats"]["limits"]
    assert plain["nats"]["imports"][0]["account"] == account
    assert full["nats"]["limits"]["disk_storage"] == -1
    assert full["nats"]["exports"][0]["response_type"] == "Stream"


def test_a_users_key_cannot_be_an_account() -> None:
    with pytest.raises(InvalidKeyError):
        mint_account(REFERENCE_PUBLIC, "CORE", AccountShape(), create_seed(KeyKind.OPERATOR))


def test_a_signature_is_over_the_payload() -> None:
    assert len(sign(REFERENCE_SEED, b"nonce")) == 64
    assert sign(REFERENCE_SEED, b"nonce") != sign(REFERENCE_SEED, b"other")


def test_a_creds_file_holds_token_and_seed() -> None:
    lines = format_creds("a.b.c", "SUXYZ").splitlines()
    assert lines[0] == "-----BEGIN NATS USER JWT-----"
    assert lines[1] == "a.b.c"
    assert "SUXYZ" in lines
