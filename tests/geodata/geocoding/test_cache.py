"""Answers are kept by provider and address, for as long as the operator's terms allow."""

from sqlalchemy import Engine, text

from geodata.geocoding.cache import Cache, Kept

PART = {"level": "门牌号", "location": "116.3,39.9", "district": []}


def kept(key: str = "甲街1号", *, found: bool = True) -> Kept:
    return Kept(key, f"北京市{key}", found, PART if found else {})


def expire(engine: Engine, days: int) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE geocoding.answers SET expires_at = expires_at - make_interval(days => :d)"
            ),
            {"d": days},
        )


def test_an_answer_comes_back_as_it_was_given(cache: Cache) -> None:
    cache.put("amap", [kept(), kept("乙街2号", found=False)])
    assert cache.get("amap", ["甲街1号", "乙街2号", "丙街3号"]) == {
        "甲街1号": kept(),
        "乙街2号": kept("乙街2号", found=False),
    }


def test_providers_do_not_answer_for_each_other(cache: Cache) -> None:
    cache.put("amap", [kept()])
    assert cache.get("baidu", ["甲街1号"]) == {}


def test_a_new_answer_takes_the_place_of_the_old(cache: Cache) -> None:
    cache.put("amap", [kept(found=False)])
    cache.put("amap", [kept()])
    assert cache.get("amap", ["甲街1号"]) == {"甲街1号": kept()}


def test_answers_expire_and_are_then_removed(engine: Engine) -> None:
    cache = Cache(engine, days=30)
    cache.put("amap", [kept()])
    expire(engine, 29)
    assert len(cache.get("amap", ["甲街1号"])) == 1
    assert cache.remove_expired() == 0
    expire(engine, 1)
    assert cache.get("amap", ["甲街1号"]) == {}
    assert cache.remove_expired() == 1
    assert cache.remove_expired() == 0


def test_no_key_is_no_question(cache: Cache) -> None:
    assert cache.get("amap", []) == {}
