from launcher.edge import caddyfile


def test_each_service_is_under_its_own_name() -> None:
    text = caddyfile({"orders": 7001, "catalog": 7002}, 7000)
    assert "http://127.0.0.1:7000 {" in text
    assert "import service orders 7001" in text
    assert "import service catalog 7002" in text
