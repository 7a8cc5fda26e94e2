"""A visitor as the browser is one: the page's own protocol, without the browser."""

import io
import json
import re
import secrets
import time
from dataclasses import dataclass
from typing import Any

import httpx
import numpy as np

from styleprop import images

TIMEOUT = httpx.Timeout(120.0)
FULL = "Queue is full"
MARK = re.compile(r"__i18n__(\{.*?\})")


def in_english(text: Any) -> str:
    """A label with the marks that a browser would translate."""
    return MARK.sub(lambda mark: json.loads(mark[1])["key"], str(text))


@dataclass(frozen=True)
class Answer:
    """What a call gave.

    Attributes:
        values: one for each output component; empty where it was refused.
        kinds: the types of these components.
        sentence: why it was refused, or "".
        seconds: from sending to the end.
    """

    values: tuple[Any, ...] = ()
    kinds: tuple[str, ...] = ()
    sentence: str = ""
    seconds: float = 0.0

    def first(self, kind: str) -> Any:
        """The value of the first output of a type; an update's value where it is one."""
        value = self.values[self.kinds.index(kind)]
        return value.get("value") if isinstance(value, dict) and value.get("__type__") == "update" else value

    def text(self) -> str:
        """All that was said, without tags."""
        said = [value for value in self.values if isinstance(value, str)]
        updates = [value.get("value") for value in self.values if isinstance(value, dict) and "__type__" in value]
        said += [value for value in updates if isinstance(value, str)]
        return re.sub(r"<[^>]+>", " ", in_english(" ".join([self.sentence, *said])))


class Visitor:
    """Uploads, presses and reads. `mine` is what the browser would keep of a fine-tune.

    Args:
        url: address of the page.
    """

    def __init__(self, url: str):
        self.url, self.session, self.mine = url, secrets.token_hex(6), None
        self.http = httpx.Client(timeout=TIMEOUT)
        page = self.http.get(f"{url}config").json()
        self._components = {entry["id"]: entry for entry in page["components"]}
        self._calls = page["dependencies"]
        self._kept = {entry["props"].get("storage_key"): number for number, entry in self._components.items()}

    def close(self) -> None:
        """Go away."""
        self.http.close()

    def upload(self, data: bytes, name: str = "picture.png") -> dict | str:
        """Send a file; its description, or the sentence that refuses it."""
        answer = self.http.post(f"{self.url}gradio_api/upload", files={"files": (name, data)})
        if answer.status_code != 200:
            return answer.text
        return {"path": answer.json()[0], "orig_name": name, "meta": {"_type": "gradio.FileData"}}

    def call(self, name: str, *data: Any) -> Answer:
        """One of the public calls, such as "stylize"."""
        return self._run(next(call for call in self._calls if call["api_name"] == name), list(data))

    def press(self, label: str, trigger: str = "click", **values: Any) -> Answer:
        """Press a button with this label; the inputs' values go by label, "_" for a blank, others stay as they are."""
        call = self._find(label, trigger)
        data = [self._value(self._components[number], values) for number in call["inputs"]]
        return self._run(call, data) if call["queue"] else self._run_at_once(call, data)

    def start_training(self, pictures: list[dict], job: str, seconds: float = 1.0) -> Answer:
        """Press Start, and remember the run."""
        answer = self.press("Start", Your_pictures=pictures, What_to_learn=job, Time=seconds)
        self.mine = answer.first("browserstate") if answer.values else self.mine
        return answer

    def training(self) -> str:
        """What the page says of the visitor's training."""
        return self._report().text()

    def wait_for_training(self, seconds: float = 240.0) -> str:
        """Return what is said once the training has ended; raises TimeoutError."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            answer = self._report()
            timer = answer.values[answer.kinds.index("timer")]
            if timer.get("active") is False:
                return answer.text()
            time.sleep(0.3)
        raise TimeoutError("the training did not end")

    def delete_training(self) -> None:
        """Press Delete, and say that it is meant."""
        self.press("Delete for good")
        self.mine = {"run": "", "used": False}

    def leave_in_the_middle(self, name: str, *data: Any, after: float) -> None:
        """Call, and close the tab after so many seconds."""
        call = next(call for call in self._calls if call["api_name"] == name)
        self.http.post(f"{self.url}gradio_api/queue/join", json=self._body(call, list(data)))
        try:
            timeout = httpx.Timeout(30.0, read=max(after, 0.01))
            with self.http.stream("GET", self._stream_address(), timeout=timeout) as stream:
                end = time.monotonic() + after
                for _ in stream.iter_lines():
                    if time.monotonic() > end:
                        break
        except httpx.TimeoutException:
            pass
        self.session = secrets.token_hex(6)

    def picture(self, description: dict) -> np.ndarray:
        """The pixels of a result."""
        return images.load(self.fetch(description)).image

    def fetch(self, description: dict) -> io.BytesIO:
        """A result's file."""
        answer = self.http.get(f"{self.url}gradio_api/file={description['path']}")
        answer.raise_for_status()
        return io.BytesIO(answer.content)

    def _find(self, label: str, trigger: str) -> dict:
        """The call of a button or an input; of several, that of the Fine-tune tab."""
        found = []
        for call in self._calls:
            for number, event in call["targets"]:
                props = self._components.get(number, {}).get("props", {})
                if event == trigger and label in map(in_english, (props.get("value"), props.get("label"))):
                    found.append(call)
        if not found:
            raise LookupError(f"the page has no {label!r}")
        mine, clip = self._kept.get("styleprop-fine-tune"), self._kept.get("styleprop-clip")
        return next((call for call in found if mine in call["inputs"] and clip not in call["inputs"]), found[0])

    def _value(self, component: dict, values: dict[str, Any]) -> Any:
        if component["type"] == "browserstate":
            return self.mine or component["props"].get("value")
        props = component["props"]
        return values.get(in_english(props.get("label")).replace(" ", "_"), props.get("value"))

    def _report(self) -> Answer:
        call = next(call for call in self._calls if call["api_name"] == "report")
        return self._run_at_once(call, [self.mine, ""])

    def _body(self, call: dict, data: list) -> dict:
        return {"fn_index": call["id"], "data": data, "session_hash": self.session, "event_data": None}

    def _stream_address(self) -> str:
        return f"{self.url}gradio_api/queue/data?session_hash={self.session}"

    def _kinds(self, call: dict) -> tuple[str, ...]:
        return tuple(self._components[number]["type"] for number in call["outputs"])

    def _run_at_once(self, call: dict, data: list) -> Answer:
        answer = self.http.post(f"{self.url}gradio_api/run/predict", json=self._body(call, data))
        if answer.status_code != 200:
            return Answer(sentence=answer.text)
        return Answer(tuple(answer.json()["data"]), self._kinds(call))

    def _run(self, call: dict, data: list) -> Answer:
        start = time.monotonic()
        joined = self.http.post(f"{self.url}gradio_api/queue/join", json=self._body(call, data))
        if joined.status_code != 200:
            return Answer(sentence=str(joined.json().get("detail")))
        with self.http.stream("GET", self._stream_address()) as stream:
            for line in stream.iter_lines():
                message = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
                if message.get("msg") == "process_completed":
                    seconds = time.monotonic() - start
                    output = message["output"]
                    if message["success"]:
                        return Answer(tuple(output["data"]), self._kinds(call), "", seconds)
                    return Answer(sentence=str(output.get("error")), seconds=seconds)
        return Answer(sentence="", seconds=time.monotonic() - start)
