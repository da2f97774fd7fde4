"""Changes copies of a log in every way that who may write its folder can think of, and sees who notices.

Guarantees, to whom trusts the log of a node, that a change is noticed and the first record named that is not as it was
written: by the node's own code (`drempel-node audit verify`) and by the verifier below, which shares none with it and
reads RFC 6962, RFC 8032 and C2SP by itself. Both get what somebody kept outside: the key of the log and a head. Of a
record whose hash was made again only the write that it was in can be named, as the signature is over that; of a log with
two histories only that it is one. Ends with 1 if one of the two misses a change or names another record.

    python3 .ci/tamper.py --node PATH --log FOLDER --fork FOLDER --changes N [--seed S]
"""

import argparse
import base64
import hashlib
import json
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

SLOT = 512


# RFC 6962, section 2.1.
def leaf(data):
    return hashlib.sha256(b"\0" + data).digest()


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """The roots of whole subtrees, largest first."""

    def __init__(self):
        self.size, self.whole = 0, []

    def push(self, hashed):
        self.size += 1
        self.whole.append(hashed)
        size = self.size
        while size % 2 == 0:
            right, left = self.whole.pop(), self.whole.pop()
            self.whole.append(node(left, right))
            size //= 2

    def root(self):
        if not self.whole:
            return hashlib.sha256(b"").digest()
        *rest, root = self.whole
        for left in reversed(rest):
            root = node(left, root)
        return root


# Ed25519, RFC 8032 section 5.1: verification, in extended coordinates.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def on_curve(y, odd):
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and odd):
        return None
    x = P - x if x % 2 != odd else x
    return (x, y, 1, x * y % P)


def add(one, other):
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c, d = 2 * one[3] * other[3] * D % P, 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(number, point):
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = add(total, point)
        point, number = add(point, point), number >> 1
    return total


def decoded(data):
    number = int.from_bytes(data, "little")
    y, odd = number & (2**255 - 1), number >> 255
    return on_curve(y, odd) if y < P else None


BASE = on_curve(4 * pow(5, P - 2, P) % P, 0)


def signed(public, text, signature):
    point, nonce, scalar = decoded(public), decoded(signature[:32]), int.from_bytes(signature[32:], "little")
    if point is None or nonce is None or scalar >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + text).digest(), "little") % ORDER
    left, right = times(scalar, BASE), add(nonce, times(challenge, point))
    return not ((left[0] * right[2] - right[0] * left[2]) % P or (left[1] * right[2] - right[1] * left[2]) % P)


class Broken(Exception):
    """The first record that may not be as it was written, and the last that may be that one."""

    def __init__(self, first, last=None):
        super().__init__(first, last)
        self.first, self.last = first, first if last is None else last


def key_of(text):
    name, identity, encoded = text.split("+", 2)
    encoded = base64.b64decode(encoded)
    assert hashlib.sha256(name.encode() + b"\n" + encoded).digest()[:4].hex() == identity and encoded[0] == 1
    return name, bytes.fromhex(identity), encoded[1:]


def checkpoint_of(text, key):
    """Size and root of a checkpoint; whether it is signed is asked of the last one only."""
    name, _, _ = key
    body = text.split("\n\n")[0].split("\n")
    if len(body) != 3 or body[0] != name or not body[1].isdigit():
        return None
    return int(body[1]), base64.b64decode(body[2])


def is_signed(text, key):
    name, identity, public = key
    body, lines = text.split("\n\n", 1)
    for line in lines.splitlines():
        found = re.fullmatch(r"\u2014 (\S+) (\S+)", line)
        if found and found[1] == name:
            signature = base64.b64decode(found[2])
            return signature[:4] == identity and signed(public, (body + "\n").encode(), signature[4:])
    return False


def verified(folder, key, kept):
    """Raises what is wrong with a log; returns whether it is the one whose head was kept."""
    tree, roots, numbered, batch, since = Tree(), {0: Tree().root()}, [], [], 1
    gone = {}
    slots = (folder / "checkpoint").read_bytes()
    if len(slots) != 2 * SLOT:
        raise Broken(0, 10**18)
    named = [slots[:SLOT].decode(errors="replace").rstrip(" "), slots[SLOT:].decode(errors="replace").rstrip(" ")]
    last = None
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_bytes().split(b"\n"):
            if not line:
                continue
            number = since + len(batch)
            kind, _, rest = line.partition(b" ")
            if kind == b"record":
                hashed, _, record = rest.partition(b" ")
                digest = leaf(record)
                try:
                    parsed = json.loads(record)
                    is_right = base64.b64decode(hashed, validate=True) == digest
                except ValueError:
                    is_right = False
                if not is_right:
                    raise Broken(number)
                if parsed["sequence"] != number:
                    raise Broken(number)
                tree.push(digest)
                roots[tree.size] = None
                batch.append(parsed)
            elif kind == b"answer" and batch:
                outcome = batch[-1]["event"].get("outcome", {})
                salt, _, answer = rest.partition(b" ")
                parts = [b"drempel logged answer v1", salt, answer]
                hashed = hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).hexdigest()
                if outcome.get("answer") != hashed:
                    raise Broken(number - 1)
                outcome["stands"] = True
            elif kind == b"removed" and batch:
                outcome = batch[-1]["event"].get("outcome", {})
                by = int(rest) if re.fullmatch(rb"[1-9][0-9]*", rest) else 0
                if outcome.get("result") != "answered" or outcome.get("stands") or by < number:
                    raise Broken(number - 1)
                outcome["stands"] = True
                gone.setdefault(by, []).append(number - 1)
            elif kind == b"checkpoint" and batch:
                hashed, _, rest = rest.partition(b" ")
                count, _, text = rest.decode(errors="replace").partition(" ")
                text = text.replace("\\n", "\n")
                try:
                    is_right = base64.b64decode(hashed, validate=True) == leaf(text.encode())
                    says = checkpoint_of(text, key)
                except ValueError:
                    is_right, says = False, None
                root = tree.root()
                if not is_right or count != str(len(numbered) + 1) or says != (tree.size, root):
                    raise Broken(since, number)
                for record in batch:
                    event, told = record["event"], gone.pop(record["sequence"], None)
                    if told and not (event["kind"] == "answers_removed" and told[-1] <= event["through"]):
                        raise Broken(told[0], record["sequence"])
                    outcome = record["event"].get("outcome", {})
                    if outcome.get("result") == "answered" and not outcome.get("stands"):
                        raise Broken(record["sequence"])
                roots[tree.size] = root
                numbered.append(text)
                since, batch, last = number, [], text
            else:
                raise Broken(since, number)
    if last is None or batch or named.count(last) != 1:
        raise Broken(since, 10**18)
    if len(numbered) > 1 and numbered[-2] not in named:
        raise Broken(0, 10**18)
    if not is_signed(last, key):
        # From the first record that was changed on no signature holds.
        low, high = 0, len(numbered) - 1
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if is_signed(numbered[middle], key) else (low, middle)
        sizes = [0, *(int(text.split("\n")[1]) for text in numbered)]
        raise Broken(sizes[low] + 1, sizes[low + 1])
    if gone:
        by = min(gone)
        raise Broken(gone[by][0], by)
    size, root = kept
    if size > tree.size:
        raise Broken(tree.size + 1)
    return roots.get(size) == root


def lines_of(folder):
    return next(iter(sorted(folder.glob("*.jsonl")))).read_bytes().splitlines(keepends=True)


def rehashed(line):
    record = line.rstrip(b"\n").split(b" ", 2)[2]
    return b"record " + base64.b64encode(leaf(record)) + b" " + record + b"\n"


def slots_of(checkpoints):
    """The file beside the segments, as it was after so many checkpoints."""
    slots = [b" " * SLOT, b" " * SLOT]
    for number, text in enumerate(checkpoints, 1):
        if number > len(checkpoints) - 2:
            slots[0 if number % 2 else 1] = text.encode().ljust(SLOT)
    return slots[0] + slots[1]


def change(kind, lines, chance):
    """The lines changed, the first record that may be named and the last that is right to name first."""
    records = [place for place, line in enumerate(lines) if line.startswith(b"record ")]
    number_at = {place: number for number, place in enumerate(records, 1)}
    place = chance.choice(records[:-1])
    number, lines = number_at[place], list(lines)
    ends = [at for at, line in enumerate(lines) if line.startswith(b"checkpoint ")]
    start = max([at for at in ends if at < place], default=-1) + 1
    first_of_write = number_at[next(at for at in range(start, len(lines)) if at in number_at)]
    if kind == "edit":
        line = bytearray(lines[place])
        at = chance.randrange(len(line) - 1)
        line[at] ^= 1 << chance.randrange(7)
        lines[place] = bytes(line)
        return lines, first_of_write if b"\n" in line[:-1] or not line.startswith(b"record ") else number, number
    if kind in {"answer", "checkpoint", "removed"}:
        place = chance.choice([at for at, line in enumerate(lines) if line.startswith(kind.encode() + b" ")])
        line = bytearray(lines[place])
        at = chance.randrange(len(kind), len(line) - 1)
        line[at] ^= 1 << chance.randrange(7)
        lines[place] = bytes(line)
        before = [of for at, of in number_at.items() if at < place]
        start = max([at for at in ends if at < place], default=-1)
        return lines, min(of for at, of in number_at.items() if at > start), before[-1] + 1
    if kind == "take away":
        place = chance.choice([at for at, line in enumerate(lines) if line.startswith(b"answer ")])
        said = [number for number, at in enumerate(records, 1) if b'"kind":"answers_removed"' in lines[at]]
        by = chance.choice([0, 1, len(records), len(records) + 1, *said])
        before = [of for at, of in number_at.items() if at < place]
        lines[place] = b"removed %d\n" % by
        return lines, before[-1], before[-1]
    if kind.startswith("edit, with"):
        lines[place] = rehashed(lines[place].replace(b"2026-", b"2025-", 1).replace(b'"salt":"', b'"salt":"0', 1))
        return lines, first_of_write, number
    if kind == "delete":
        del lines[place]
        return lines, first_of_write, number
    if kind == "insert":
        lines.insert(place, rehashed(lines[place].replace(b"landelijke-monitor", b"regionale-monitor", 1)))
        return lines, first_of_write, number + 1
    if kind == "swap":
        other = chance.choice([at for at in records if at != place])
        lines[place], lines[other] = lines[other], lines[place]
        first = min(number, number_at[other])
        return lines, min(first, first_of_write), first
    text = b"".join(lines)
    cut = text[: chance.randrange(1, len(text))]
    whole = cut.count(b"\nrecord ") + cut.startswith(b"record ")
    rest = cut.rpartition(b"\n")[2]
    return [cut], 1, whole + (0 if rest.startswith(b"record ") else 1)


def rebuilt(lines):
    """Every hash and root made again, with the signatures that there were, and the checkpoints of that."""
    tree, made, checkpoints = Tree(), [], []
    for line in lines:
        if line.startswith(b"record "):
            line = rehashed(line)
            tree.push(leaf(line.rstrip(b"\n").split(b" ", 2)[2]))
        if line.startswith(b"checkpoint "):
            _, _, number, text = line.rstrip(b"\n").split(b" ", 3)
            text = text.split(b"\\n")
            text[2] = base64.b64encode(tree.root())
            text = b"\n".join(text)
            checkpoints.append(text.decode())
            line = b"checkpoint " + base64.b64encode(leaf(text)) + b" " + number + b" "
            line += text.replace(b"\n", b"\\n") + b"\n"
        made.append(line)
    return made, checkpoints


KINDS = ["edit", "edit, with its hash", "edit, with every hash", "delete", "insert", "swap", "truncate", "fork"]
KINDS += ["roll-back", "answer", "checkpoint", "removed", "take away"]


def made(kind, args, original, folder, chance, checkpoints):
    """Writes a changed copy, and says which records may be named first; none for a log that is whole in itself."""
    if kind == "fork":
        shutil.copytree(args.fork, folder)
        return None
    shutil.copytree(args.log, folder)
    target = next(iter(sorted(folder.glob("*.jsonl"))))
    if kind == "roll-back":
        ends = [at for at, line in enumerate(original) if line.startswith(b"checkpoint ")]
        back = chance.randrange(1, len(ends))
        target.write_bytes(b"".join(original[: ends[back - 1] + 1]))
        (folder / "checkpoint").write_bytes(slots_of(checkpoints[:back]))
        size = int(checkpoints[back - 1].split("\n")[1])
        return size + 1, size + 1
    lines, first, last = change(kind, original, chance)
    if kind == "edit, with every hash":
        lines, rewritten = rebuilt(lines)
        (folder / "checkpoint").write_bytes(slots_of(rewritten))
    target.write_bytes(b"".join(lines))
    return first, last


def own(folder, key, kept):
    try:
        return None if verified(folder, key, kept) else (0, 10**18)
    except Broken as broken:
        return broken.first, broken.last


def of_node(args, folder, head, key):
    asked = [args.node, "audit", "verify", "--log", folder, "--head", head, "--key", key]
    ran = subprocess.run(asked, capture_output=True, text=True, check=False)
    if ran.returncode == 0:
        return None
    if "NOT THE SAME LOG: its first" in ran.stderr:
        return 0, 10**18
    without = re.search(r"record (\d+) is without its answer, and there is no record (\d+) that says so", ran.stderr)
    if without:
        return int(without[1]), int(without[2])
    found = re.search(r"NOT (?:WHOLE|THE SAME LOG): records? (\d+)(?: to (\d+))? (?:has|is|are|stands) ", ran.stderr)
    if not found:
        sys.exit(f"the node says something else: {ran.stderr}")
    expected = re.search(r"stands where record (\d+) should", ran.stderr)
    first = int(expected[1]) if expected else int(found[1])
    return first, int(found[2] or first)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--node", required=True)
    parser.add_argument("--log", type=pathlib.Path, required=True)
    parser.add_argument("--fork", type=pathlib.Path, required=True, help="a log that goes on otherwise, with the same key")
    parser.add_argument("--changes", type=int, default=25)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    said = subprocess.run([args.node, "audit", "verify", "--log", args.log], capture_output=True, text=True, check=True)
    head, key_text = re.search(r"head: (\S+)", said.stdout)[1], re.search(r"key: +(\S+)", said.stdout)[1]
    key, (size, root) = key_of(key_text), head.split(":", 1)
    kept = int(size), base64.b64decode(root)
    original = lines_of(args.log)
    checkpoints = [line.split(b" ", 3)[3].decode().rstrip("\n").replace("\\n", "\n") for line in original
                   if line.startswith(b"checkpoint ")]
    if own(args.log, key, kept) is not None:
        sys.exit("a log that nobody changed is not taken for whole")
    wrong, exact, counts = 0, [0, 0], dict.fromkeys(KINDS, 0)
    for number in range(args.changes):
        chance = random.Random(f"{args.seed} {number}")
        kind = KINDS[number % len(KINDS)]
        with tempfile.TemporaryDirectory() as made_in:
            folder = pathlib.Path(made_in) / "audit"
            allowed = made(kind, args, original, folder, chance, checkpoints)
            for place, found in enumerate([own(folder, key, kept), of_node(args, folder, head, key_text)]):
                who = ["the other verifier", "the node"][place]
                # The record that was changed is among those that are named, and none before it is named alone.
                named = found is not None and (allowed is None or found[0] <= allowed[1] and found[1] >= allowed[0])
                exact[place] += bool(named and allowed and found == (allowed[1], allowed[1]))
                if not named:
                    wrong += 1
                    print(f"{who}, change {number} ({kind}): found {found}, allowed {allowed}", flush=True)
        counts[kind] += 1
    print(", ".join(f"{count} of {kind}" for kind, count in counts.items()))
    print(f"{args.changes} changes of a log of {kept[0]} records: {wrong} missed or named otherwise; named exactly: "
          f"{exact[1]} by the node, {exact[0]} by the other verifier")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
