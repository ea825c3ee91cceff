"""The door of the workbench: who may ask, what every answer carries, what is never told."""

from __future__ import annotations

import json
import socket

import psutil
import pytest

from screening.intake.case import MOST_BYTES
from screening.serve.guard import HEADERS
from screening.serve.guard import MOST_BYTES as MOST_OF_A_FORM
from tests.conftest import CASES
from tests.workbench import served

SECRET = "Zebedeus"


def form(**typed):
    return json.dumps({"number": 1, "typed": typed}).encode()


def test_an_address_opens_once_and_then_another_is_printed():
    with served() as one:
        first = one.ask("GET", f"/?token={one.token}", {"cookie": ""})
        assert (first.status, first.headers["location"]) == (303, "/")
        assert {"HttpOnly", "SameSite=Strict"} <= set(first.headers["set-cookie"].split("; "))
        again = one.ask("GET", f"/?token={one.token}", {"cookie": ""})
        assert again.status == 403
        assert "set-cookie" not in again.headers
        printed = one.process.stdout.readline().strip()
        assert printed.startswith(f"http://127.0.0.1:{one.port}/?token=")
        assert one.token not in printed


@pytest.mark.parametrize("path", ["/", "/static/workbench.js", "/record.css", "/nothing"])
@pytest.mark.parametrize("cookie", ["", "screening=", "screening=guessed", "other=1; ;;=", "é"])
def test_without_the_cookie_nothing_is_given(workbench, path, cookie):
    reply = workbench.ask("GET", path, {"cookie": cookie.encode("latin-1").decode("latin-1")})
    assert reply.status == 403
    assert reply.text == "Open the address that the terminal shows."


def test_a_guessed_token_opens_nothing(workbench):
    assert workbench.ask("GET", "/?token=guessed", {"cookie": ""}).status == 403


@pytest.mark.parametrize(
    "host",
    ["example.org", "example.org:{port}", "127.0.0.1", "127.0.0.1:1", "localhost.evil:{port}"],
)
def test_a_foreign_host_is_misdirected(workbench, host):
    assert workbench.ask("GET", "/", {"host": host.format(port=workbench.port)}).status == 421


@pytest.mark.parametrize(
    "origin",
    ["http://example.org", "null", "", "http://localhost:{port}", "https://127.0.0.1:{port}"],
)
def test_a_foreign_origin_changes_nothing(workbench, origin):
    headers = {"origin": origin.format(port=workbench.port)}
    assert workbench.ask("POST", "/change", headers, form()).status == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_request_from_another_site_changes_nothing(workbench, site):
    assert workbench.ask("POST", "/change", {"sec-fetch-site": site}, form()).status == 403


@pytest.mark.parametrize(
    ("path", "status"), [("/", 200), ("/nothing", 404), ("/static/workbench.js", 200)]
)
def test_every_answer_carries_the_policy(workbench, path, status):
    reply = workbench.ask("GET", path)
    assert reply.status == status
    for name, text in HEADERS.items():
        assert reply.headers[name] == text
    refused = workbench.ask("GET", path, {"host": "example.org"})
    assert {name: refused.headers.get(name) for name in HEADERS} == HEADERS
    assert "server" not in reply.headers


def test_the_policy_lets_nothing_in_from_elsewhere():
    parts = dict(part.split(" ", 1) for part in HEADERS["content-security-policy"].split("; "))
    assert parts["default-src"] == parts["form-action"] == parts["frame-ancestors"] == "'none'"
    assert parts["script-src"] == parts["style-src"] == parts["connect-src"] == "'self'"
    assert "unsafe" not in HEADERS["content-security-policy"]


def test_more_than_a_form_is_not_read(workbench):
    assert workbench.ask("POST", "/change", {}, b" " * MOST_OF_A_FORM).status == 422
    assert workbench.ask("POST", "/change", {}, b" " * (MOST_OF_A_FORM + 1)).status == 413


def test_a_case_of_one_megabyte_is_read_and_no_more(workbench):
    ending = b"\ncase_id: big\n"
    comment = b"#" + b"x" * (MOST_BYTES - len(ending) - 1)
    assert workbench.ask("POST", "/open", {"x-name": "c.yaml"}, comment + ending).status == 200
    assert (
        workbench.ask("POST", "/open", {"x-name": "c.yaml"}, comment + b"x" + ending).status == 413
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"typed": []}',
        b'{"typed": {"no.such.path": "1"}}',
        b'{"typed": {"age_years": 38}}',
        b'{"typed": {"age_years": ["38"]}}',
        b"\xff\xfe",
        b"[" * 30_000,
        b'{"typed": {"age_years": "' + b"9" * 50_000 + b'"}}',
    ],
)
@pytest.mark.parametrize("path", ["/change", "/rest", "/save", "/proof", "/re-test"])
def test_what_is_no_form_is_refused_in_a_sentence(workbench, path, body):
    reply = workbench.ask("POST", path, {}, body)
    assert reply.status in (200, 422)
    assert "Traceback" not in reply.text
    assert len(reply.text) < 200_000


def test_no_answer_of_a_patient_stands_in_an_error_or_on_the_terminal():
    with served() as one:
        wrong = {"age_years": SECRET, "case_id": SECRET * 40, "left.hip.pain": SECRET}
        for path in ("/change", "/rest", "/save"):
            reply = one.ask("POST", path, {}, form(**wrong))
            assert SECRET not in reply.text
        one.ask("POST", "/open", {"x-name": f"{SECRET}.yaml"}, f"age_years: {SECRET}".encode())
        one.ask("GET", f"/{SECRET}")
        one.process.terminate()
        out, err = one.process.communicate(timeout=60)
        assert SECRET not in out + err
        assert err == ""


def test_only_this_machine_is_listened_to(workbench):
    lines = psutil.Process(workbench.process.pid).net_connections("inet")
    assert {line.laddr.ip for line in lines if line.status == psutil.CONN_LISTEN} == {"127.0.0.1"}


def test_a_port_that_is_in_use_is_said(command):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = command("serve", "--port", port)
    assert done.returncode == 2
    assert done.stdout == ""
    assert f"port {port} cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_case_that_cannot_be_read_is_said_before_anything_is_served(command, tmp_path):
    case = tmp_path / "case.yaml"
    case.write_text("age_yeers: 38\n")
    done = command("serve", "--port", "0", "--case", str(case))
    assert (done.returncode, done.stdout) == (2, "")
    assert "age_years" in done.stderr


def test_many_at_once_are_answered_one_after_another(workbench):
    """Two threads in the engine would end the process."""
    from concurrent.futures import ThreadPoolExecutor

    text = (CASES / "base_case.yaml").read_bytes()
    typed = json.loads(workbench.ask("POST", "/open", {"x-name": "b.yaml"}, text).text)["typed"]
    one = workbench.ask("POST", "/change", {}, form(**typed)).text
    with ThreadPoolExecutor(8) as pool:
        replies = list(
            pool.map(lambda _: workbench.ask("POST", "/change", {}, form(**typed)), range(16))
        )
    assert {reply.text for reply in replies} == {one}
