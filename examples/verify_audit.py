"""Verifies an audit export of durable-experiments, or the receipt of a run; written from docs/audit.md alone.
python verify_audit.py <export folder | receipt.json> <public key.pem>; ends with 1 and names the first bad event."""
import base64, hashlib, json, os, sys
from cryptography.hazmat.primitives import serialization

def demand(right, problem):
    right or sys.exit(f"BAD: {problem}")

def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()

def canonical(value):  # RFC 8785, for what events hold: texts, whole numbers, true and false, lists of texts
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

def root_by_path(leaf, index, size, path):  # RFC 6962, 2.1.1, from the root down to the leaf
    if size == 1:
        return leaf if not path else b""
    left, (*rest, top) = 1 << (size - 1).bit_length() - 1, path
    if index < left:
        return sha256(b"\1", root_by_path(leaf, index, left, rest), bytes.fromhex(top))
    return sha256(b"\1", bytes.fromhex(top), root_by_path(leaf, index - left, size - left, rest))

def check_signature(key, signed, what):
    try:
        text = canonical({name: value for name, value in signed.items() if name != "signature"})
        key.verify(base64.b64decode(signed["signature"]), text)
    except Exception:
        demand(False, f"{what} is not signed by a key that is vouched for")

def trusted_keys(pem, statements):  # each key is vouched for by the one before it
    given = serialization.load_pem_public_key(pem)
    der = given.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    keys = {sha256(der).hex()[:16]: given}
    for one in statements:
        der, own, before = base64.b64decode(one["public_key"]), one["key_id"], one["previous_key_id"]
        demand(sha256(der).hex()[:16] == own, f"the key {own} is another")
        if before in keys:
            check_signature(keys[before], one, f"the key {own}")
            keys[own] = serialization.load_der_public_key(der)
    return keys

def check_hash(item, chain, place):
    event = item["event"]
    seq, name = event["audit.seq"], f"{chain}: event {event['audit.seq']} ({event['event.name']})"
    demand(seq == place, f"event {place} is not there, but {name}")
    own = sha256(b"\2", bytes.fromhex(item["previous"]), canonical(event)).hex()
    demand(own == item["hash"] and event["audit.chain"] == chain, f"{name} is not as it was recorded")
    return name, sha256(b"\0", bytes.fromhex(own))

def check_proven(items, checkpoint, seqs):  # events of a run: each has its path to the signed root
    for at, item in enumerate(items):
        name, leaf = check_hash(item, checkpoint["chain"], (seqs[at:] or ["none"])[0])
        root = root_by_path(leaf, seqs[at] - 1, checkpoint["size"], item["path"])
        demand(root.hex() == checkpoint["root"], f"{name} is not in the signed tree")
    demand(len(items) == len(seqs), f"the events {seqs[len(items) :]} are missing")

def check_range(items, chain, checkpoints, start):  # all events of a time: the tree grows over them
    head, size, agreed = start["head"], start["size"], start["size"]
    roots = [*map(bytes.fromhex, start["frontier"])]
    signed = {one["size"]: (one["head"], one["root"]) for one in checkpoints}
    for item in items:
        place, (name, root) = size + 1, check_hash(item, chain, size + 1)
        demand(item["previous"] == head, f"{name} does not follow event {size}")
        while size % 2:
            root, size = sha256(b"\1", roots.pop(), root), size // 2
        roots, head, size = [*roots, root], item["hash"], place
        for left in roots[-2::-1]:
            root = sha256(b"\1", left, root)
        demand(signed.get(size) in (None, (head, root.hex())), f"{chain}: event {agreed + 1} to {size} were rewritten")
        agreed = size if size in signed else agreed
    demand(size == max(signed) == agreed, f"{chain}: event {size + 1} is missing, or no checkpoint covers {size}")

def verify(place, pem):
    if os.path.isfile(place):
        receipt = json.load(open(place, encoding="utf-8"))
        items, one, keys = receipt["events"], receipt["checkpoint"], trusted_keys(pem, receipt["keys"])
        check_signature(keys.get(one["key_id"]), one, "the checkpoint")
        return check_proven(items, one, sorted({item["event"]["audit.seq"] for item in items}))
    lines = lambda name: [json.loads(line) for line in open(os.path.join(place, name), encoding="utf-8")]
    manifest, checkpoints, items = lines("manifest.json")[0], lines("checkpoints.jsonl"), lines("events.jsonl")
    chain, keys = manifest["chain"], trusted_keys(pem, lines("keys.jsonl"))
    for one in checkpoints:
        check_signature(keys.get(one["key_id"]), one, f"the checkpoint of size {one['size']}")
        demand(one["chain"] == chain, "a checkpoint is of another chain")
    start = manifest.get("start")
    check_range(items, chain, checkpoints, start) if start else check_proven(items, checkpoints[-1], manifest["seqs"])
    signed = {**manifest, "signature": lines("manifest.sig")[0]["signature"]}
    check_signature(keys.get(lines("manifest.sig")[0]["key_id"]), signed, "the manifest")
    files = {file["name"]: file["sha256"] for file in manifest["files"]}
    for name in {*os.listdir(place), *files} - {"manifest.json", "manifest.sig"}:
        own = sha256(open(os.path.join(place, name), "rb").read()).hex()
        demand(own == files.get(name), f"{name} is not as the manifest says")

if __name__ == "__main__":
    try:
        verify(sys.argv[1], open(sys.argv[2], "rb").read())
    except Exception as problem:  # nothing that was written by us is unreadable
        demand(False, f"it can't be read: {problem!r}")
    print("as it was signed")
