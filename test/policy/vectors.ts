/**
 * What oslo.policy 4.0.0 to 4.5.1 answers to one rule, one set of credentials and one target. Most rows are its own unit
 * tests or follow from them; all were run on the real library. An error is named as Python names it.
 */
export type Vector = readonly [
  id: string,
  rule: unknown,
  creds: Readonly<Record<string, unknown>>,
  target: Readonly<Record<string, unknown>>,
  expected: boolean | string,
  otherRules?: Readonly<Record<string, string>>,
]

// prettier-ignore
export const vectors: readonly Vector[] = [
  ["c01", "", {}, {}, true], // empty string = always allow
  ["c02", "@", {}, {}, true],
  ["c03", "!", {}, {}, false],
  ["c04", "   ", {}, {}, false], // whitespace only: no token to parse failure to FalseCheck (NOT the empty rule)
  ["c05", null, {}, {}, true], // YAML null / key without value / unquoted ! ALLOWS ALL
  ["c06", [], {}, {}, true],
  ["c07", [[]], {}, {}, false],
  ["c08", false, {}, {}, true], // YAML false to falsy to TrueCheck
  ["c09", true, {}, {}, "TypeError"], // YAML true to iterating a bool: load raises TypeError
  ["c10", {}, {}, {}, true], // YAML {} to TrueCheck
  ["c11", 0, {}, {}, true], // YAML 0 to TrueCheck
  ["l01", [["role:a", "role:b"]], {"roles": ["a"]}, {}, false], // inner = and
  ["l02", [["role:a", "role:b"], ["role:c"]], {"roles": ["c"]}, {}, true], // outer = or
  ["l03", ["role:a", "role:b"], {"roles": ["b"]}, {}, true], // bare strings in the outer list are or-ed
  ["l04", ["role:a and role:b"], {"roles": ["a", "b"]}, {}, false], // no text grammar inside list items: one role check named "a and role:b"
  ["l05", [[], ["role:a"]], {"roles": []}, {}, false], // empty inner lists are skipped
  ["p01", "@ or ! and @", {}, {}, true], // (@ or (! and @))
  ["p02", "@ and ! or @", {}, {}, true], // ((@ and !) or @)
  ["p03", "! and @ or @", {}, {}, true],
  ["p04", "not ! and !", {}, {}, false], // not binds to the single next check: (not !) and !
  ["p05", "not (! and !)", {}, {}, true],
  ["p06", "not not @", {}, {}, true], // double not accepted
  ["p07", "@ or not @ and !", {}, {}, true],
  ["p08", "(@ or @) and !", {}, {}, false],
  ["p09", "@ AND ! Or @", {}, {}, true], // operators are case-insensitive
  ["p10", "((role:a))", {"roles": ["A"]}, {}, true], // nested parens
  ["p11", "( role:a )", {"roles": ["a"]}, {}, true], // spaces inside parens ok
  ["p12", "role:a and(role:b)", {"roles": ["a", "b"]}, {}, false], // "and(role:b)" is ONE token to check kind "and(role", so two checks adjacent to FalseCheck
  ["p13", "not(role:a)", {"roles": []}, {}, false], // one token "not(role:a" plus ")" to unparsable to FalseCheck
  ["m01", "role:a role:b", {"roles": ["a", "b"]}, {}, false], // missing connector to whole rule FalseCheck
  ["m02", "role:a and", {"roles": ["a"]}, {}, false],
  ["m03", "(role:a", {"roles": ["a"]}, {}, false], // unbalanced
  ["m04", "role:a)", {"roles": ["a"]}, {}, false], // unbalanced
  ["m05", "bogus", {}, {}, false], // no colon: logged with LOG.exception, FalseCheck for that check only
  ["m06", "bogus or @", {}, {}, true], // only the bad check is false; the rest of the rule survives
  ["m07", "not bogus", {}, {}, true], // FAIL OPEN under not
  ["m08", "()", {}, {}, false], // two tokens
  ["m09", "not", {}, {}, "AttributeError"], // single keyword token: parse returns the str; <=4.8 crashes at enforcement, >=5.0 FalseCheck
  ["m10", "'foo'", {}, {}, "AttributeError"], // single quoted string: same quirk
  ["m11", "(", {}, {}, "AttributeError"], // same
  ["m12", "'foo' and @", {}, {}, false], // a string token never reduces
  ["m13", "role:a , role:b", {"roles": ["a"]}, {}, false], // comma not an operator
  ["m14", "role:a && role:b", {"roles": ["a", "b"]}, {}, false],
  ["m15", "role:a\nor\trole:b", {"roles": ["b"]}, {}, true], // any whitespace splits (YAML folded scalars fine)
  ["r01", "role:sPaM", {"roles": ["SpAm"]}, {}, true], // case-insensitive both ways
  ["r02", "role:spam", {"roles": []}, {}, false],
  ["r03", "role:spam", {}, {}, false], // no roles key
  ["r04", "role:%(target.role.name)s", {"roles": ["a", "b"]}, {"target.role.name": "a"}, true],
  ["r05", "role:%(target.role.name)s", {"roles": ["a"]}, {"target": {"role": {"name": "a"}}}, false], // target keys are FLAT: nested dict does not resolve
  ["r06", "role:a:b", {"roles": ["a:b"]}, {}, true], // split on first colon only
  ["r07", "role:", {"roles": [""]}, {}, true], // empty role name matches an empty role
  ["r08", "role: admin", {"roles": ["admin"]}, {}, false], // space after the colon: tokens "role:" and "admin" to parse failure
  ["r09", "Role:admin", {"roles": ["admin"]}, {}, false], // kind is case-SENSITIVE: "Role" is a generic lookup of creds["Role"]
  ["r10", "ROLE:x", {"ROLE": "x"}, {}, true], // ...and so it matches creds
  ["r11", "role:100%", {"roles": ["100%"]}, {}, "ValueError"], // percent formatting error is not caught (incomplete format)
  ["r12", "role:%(x)d", {"roles": ["5"]}, {"x": 5}, true], // any %-conversion works
  ["r13", "role:%(x)s", {"roles": ["None"]}, {"x": null}, true], // None formats as "None"
  ["r14", "role:load-balancer_member", {"roles": ["load-balancer_member"]}, {}, true],
  ["g01", "name:%(name)s", {}, {"name": "spam"}, false],
  ["g02", "name:%(name)s", {"name": "ham"}, {"name": "spam"}, false],
  ["g03", "name:%(name)s", {"name": "spam"}, {"name": "spam"}, true],
  ["g04", "name:%(name)s", {"name": "spam"}, {"name1": "spam"}, false], // missing target key to False
  ["g05", "'spam':%(name)s", {}, {"name": "ham"}, false],
  ["g06", "'spam':%(name)s", {}, {"name": "spam"}, true],
  ["g07", "True:%(enabled)s", {}, {"enabled": false}, false],
  ["g08", "True:%(enabled)s", {}, {"enabled": true}, true], // str(True)=="True"
  ["g09", "a.b.c.d:APPLES", {"a": {"b": {"c": {"d": "APPLES"}}}}, {}, true],
  ["g10", "q.v:APPLES", {"a": "APPLES"}, {}, false],
  ["g11", "a.b.c.d:APPLES", {"a": {"b": [{"a": ""}, {"c": {"d": ["B", "APPLES"]}}, {}]}}, {}, true], // lists: any element
  ["g12", "a.b.c.d:APPLES", {"a": {"b": {"c": {"d": ["PEACHES"]}}}}, {}, false],
  ["g13", "None:%(target.user.domain_id)s", {}, {"target.user.domain_id": null}, true], // literal None vs target None: "None"=="None"
  ["g14", "None:%(target.user.domain_id)s", {}, {}, false], // key absent is NOT None to False
  ["g15", "project_id:%(project_id)s", {"project_id": null}, {"project_id": null}, true], // None==None MATCHES (both str "None")
  ["g16", "project_id:%(project_id)s", {"project_id": null}, {"project_id": "None"}, true], // string "None" equals None
  ["g17", "domain_id:%(target.domain.id)s", {"domain_id": "d1"}, {"target.domain.id": "d1"}, true],
  ["g18", "domain_id:%(target.domain.id)s", {"domain_id": "D1"}, {"target.domain.id": "d1"}, false], // generic match is case-sensitive
  ["g19", "domain_id:%(target.domain.id)s", {"domain_id": "d1"}, {"target": {"domain": {"id": "d1"}}}, false], // nested target not resolved: caller must flatten
  ["g20", "is_admin:1", {"is_admin": 1}, {}, true],
  ["g21", "is_admin:1", {"is_admin": true}, {}, false], // str(True)="True" != "1"
  ["g22", "is_admin:True", {"is_admin": true}, {}, true],
  ["g23", "is_admin:true", {"is_admin": true}, {}, false],
  ["g24", "is_admin_project:True", {}, {}, false], // absent creds key to False
  ["g25", "user_id:%(trust.trustor_user_id)s", {"user_id": "u1"}, {"target.trust.trustor_user_id": "u1", "trust": {"trustor_user_id": "u1"}}, false], // D-065: the flat key is target.trust.trustor_user_id
  ["g26", "user_id:%(target.trust.trustor_user_id)s", {"user_id": "u1"}, {"target.trust.trustor_user_id": "u1"}, true],
  ["g27", "a.b:x", {"a": "str"}, {}, "TypeError"], // dotted path through a string: TypeError not caught (HTTP 500)
  ["g28", "a.b:x", {"a": null}, {}, "TypeError"], // dotted path through None: TypeError
  ["g29", "a.b:x", {"a.b": "x"}, {}, false], // creds keys containing a dot are unreachable
  ["g30", "token.project.domain.id:d1", {"token": {"project": {"domain": {"id": "d1"}}}}, {}, true], // charm-keystone style
  ["g31", "a:[]", {"a": []}, {}, false], // empty list in creds never matches
  ["g32", "roles:admin", {"roles": ["admin"]}, {}, true], // generic lookup on the roles list: case-SENSITIVE any-match
  ["g33", "roles:Admin", {"roles": ["admin"]}, {}, false],
  ["g34", "'Member':%(role.name)s", {}, {"role.name": "Member"}, true], // docstring example
  ["g35", "1:1", {}, {}, true], // number literal
  ["g35b", "{}:{}", {}, {}, true], // an empty dict
  ["g36", "01:1", {}, {}, "SyntaxError"], // literal_eval SyntaxError is NOT caught
  ["g37", "foo-bar:x", {"foo-bar": "x"}, {}, true], // BinOp of names to ValueError to creds lookup
  ["g38", "foo/bar:x", {"foo/bar": "x"}, {}, true], // same
  ["g39", "class:x", {"class": "x"}, {}, "SyntaxError"], // a python keyword as kind crashes
  ["g40", ":x", {}, {}, "SyntaxError"], // empty kind crashes
  ["g41", "3com:x", {"3com": "x"}, {}, "SyntaxError"],
  ["g42", "(1,2):x", {}, {}, false], // leading paren stripped by the tokenizer: "(" then check "1,2):x" unbalanced to FalseCheck
  ["g43", "a:%(b)s-suffix", {"a": "v-suffix"}, {"b": "v"}, true], // text around the substitution is kept
  ["g44", "a:%(b)s", {"a": "v"}, {"b": "v "}, false], // no trimming
  ["g45", "a:100%%", {"a": "100%"}, {}, true], // %% escapes
  ["g46", "a:50%", {"a": "50%"}, {}, "ValueError"], // incomplete format
  ["g47", "a:%s", {"a": "x"}, {"k": "v"}, false], // "%s" % dict formats the whole dict
  ["g48", "a:%s", {"a": "{'k': 'v'}"}, {"k": "v"}, true], // ...literally
  ["g49", "a:5", {"a": 5}, {}, true], // creds value stringified
  ["g50", "a:%(n)s", {"a": "5"}, {"n": 5}, true], // target value stringified
  ["g51", "a.0.b:x", {"a": [{"b": "x"}]}, {}, "SyntaxError"], // kind "a.0.b" is not a valid Python expression
  ["g52", "%(x)s:y", {"%(x)s": "y"}, {"x": "k"}, "SyntaxError"], // kind is not substituted
  ["g53", "tenant:%(tenant_id)s", {"tenant": "t"}, {"tenant_id": "t"}, true],
  ["g54", "\"a\":%(x)s", {}, {"x": "a"}, true], // double-quoted literal kind
  ["g55", "'a':'a'", {}, {}, "AttributeError"], // begins and ends with a quote: tokenised as a STRING to single str value
  ["g56", "'a':a", {}, {}, true], // unquoted right side is the literal text
  ["g57", "system_scope:all", {"system_scope": "all"}, {}, true],
  ["g58", "system_scope:all", {"system_scope": null}, {}, false],
  ["g59", "is_admin_project:True", {"is_admin_project": "True"}, {}, true],
  ["g60", "http:x", {"http": "x"}, {}, "AttributeError"], // http/https are extension checks (need requests, conf)
  ["u01", "rule:spam", {}, {}, false], // undefined rule to False
  ["u02", "rule:spam", {}, {}, true, {"spam": "@"}],
  ["u03", "not rule:typo", {}, {}, true], // FAIL OPEN: undefined rule under not; and not detected by check_rules
  ["u04", "rule:typo", {}, {}, true, {"default": "@"}], // undefined rule falls to the default rule when one is defined
  ["u05", "rule:a", {}, {}, "RecursionError", {"a": "rule:b", "b": "rule:a"}], // cycle: warned at load, crashes at run
  ["u06", "rule:a", {"roles": ["x"]}, {"t": 1}, true, {"a": "role:x and rule:b", "b": "@"}],
  ["u07", "rule:A", {}, {}, false, {"a": "@"}], // rule names are case-sensitive
  ["u08", "rule:%(n)s", {}, {"n": "a"}, false, {"a": "@"}], // rule names are not substituted
]
