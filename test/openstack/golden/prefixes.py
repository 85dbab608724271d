"""What Python's ipaddress says of prefixes: python3 prefixes.py > prefixes.json. Made once; the seed is fixed."""
import ipaddress
import json
import random

random.seed(20261129)
TEXTS = [
    '10.20.24.0/24', '10.20.24.1/24', '0.0.0.0/0', '255.255.255.255/32', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0/8', '10.0.0.0.0/8',
    '010.0.0.0/8', '10.0.0.00/8', '256.0.0.0/8', '10.0.0.0/08', '10.0.0.0/', '/8', '', 'acme', '10.0.0.0/8/8', ' 10.0.0.0/8', '10.0.0.0 /8',
    '::/0', '2001:db8::/32', '2001:DB8::/32', '2001:db8:0:0::/64', '2001:db8::1/64', '2001:db8::/129', '2001:db8::/-1', '1::2::3/64',
    '12345::/16', 'fe80::/10', 'fc00::/7', '2001:db8:0:1:0:0:0:0/64', '2001:db8:0:1:1:1:1:1/128', '::1/128', '::1.2.3.4/128',
    '::1.2.3.256/128', '1:2:3:4:5:6:7/64', '1:2:3:4:5:6:7:8/128', '1:2:3:4:5:6:7:8:9/128', '1:2:3:4:5:6:7::/112', ':::/0', ':1::/64', 'g::/64',
    '2001:db8::/64/', '0:0:1::/48', '1:0:0:2::/64', '1:0:0:2:0:0:0:0/64', '1:0:0:0:2:0:0:0/128', '1:0:2:0:3:0:4:0/128',
]


def random_prefix(family, near=False):
    width = 32 if family == 4 else 128
    length = random.randint(0, width)
    address = random.getrandbits(width)
    if near:
        base, keep = (0x0A400000, 12) if family == 4 else (0x20010DB8 << 96, 44)
        address = base | (address & ((1 << (width - keep)) - 1))
        length = random.randint(keep - 2, min(width, keep + 16))
    shift = width - length
    make = ipaddress.IPv4Network if family == 4 else ipaddress.IPv6Network
    return make(((address >> shift) << shift, length))


def text_row(text):
    try:
        loose = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return {'text': text}
    try:
        ipaddress.ip_network(text)
        strict = True
    except ValueError:
        strict = False
    return {
        'text': text, 'normal': str(loose), 'hasHostBits': not strict, 'family': loose.version,
        'first': str(int(loose.network_address)), 'last': str(int(loose.broadcast_address)),
    }


def pair_row():
    family = random.choice([4, 6])
    a = random_prefix(family, True)
    b = random_prefix(random.choice([family, family, family, 10 - family]), True)
    same = a.version == b.version
    return {'a': str(a), 'b': str(b), 'overlaps': same and a.overlaps(b), 'contains': same and b.subnet_of(a)}


def free_row():
    family = random.choice([4, 6])
    pool = ipaddress.ip_network('10.64.0.0/16' if family == 4 else '2001:db8::/48')
    length = pool.prefixlen + random.randint(0, 9)
    used = [random_prefix(family, True) for _ in range(random.randint(0, 12))]
    used = [one for one in used if one.prefixlen > pool.prefixlen or random.random() < 0.1]
    used += [random_prefix(10 - family, True)]
    free = next((one for one in pool.subnets(new_prefix=length) if not any(one.version == u.version and one.overlaps(u) for u in used)), None)
    return {'pool': str(pool), 'length': length, 'used': [str(u) for u in used], 'free': None if free is None else str(free)}


def dressed(network):
    """The same network as a person may write it: with host bits, in other letters, with zeros."""
    address = network.network_address + random.randint(0, min(network.num_addresses - 1, 5))
    text = random.choice([str(address), address.exploded, str(address).upper()])
    return f'{text}/{network.prefixlen}'


texts = TEXTS + [dressed(random_prefix(random.choice([4, 6]), random.random() < 0.5)) for _ in range(150)]
table = {
    'texts': [text_row(text) for text in texts],
    'pairs': [pair_row() for _ in range(200)],
    'free': [free_row() for _ in range(120)],
}
print('{')
for index, (key, rows) in enumerate(table.items()):
    body = ',\n'.join(json.dumps(row) for row in rows)
    print(f'"{key}": [\n{body}\n]' + (',' if index < 2 else ''))
print('}')
