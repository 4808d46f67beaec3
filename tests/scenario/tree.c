/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The YAML tree: places, limits, and what is refused. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/units.h"
#include "sim/scenario/setpath.h"
#include "sim/scenario/yaml.h"

struct parsed {
	struct ytree t;
	struct diag_list dl;
	struct ynode *root;
	int err;
};

static struct parsed parse_n(const char *text, size_t n)
{
	struct parsed p = { 0 };

	p.err = yaml_parse(&p.t, "t.yaml", text, n, &p.dl, &p.root);
	return p;
}

static struct parsed parse(const char *text)
{
	return parse_n(text, strlen(text));
}

static void parsed_free(struct parsed *p)
{
	ytree_free(&p->t);
	diag_list_free(&p->dl);
}

/* text must give exactly one error, with this text at this place. */
static void refuses_n(const char *text, size_t n, unsigned line, unsigned column, const char *want)
{
	struct parsed p = parse_n(text, n);

	cr_assert_eq(p.dl.n, 1, "%zu diagnostics for: %.60s", p.dl.n, text);
	cr_expect_str_eq(p.dl.v[0].text, want);
	cr_expect_eq(p.dl.v[0].line, line, "line %u for: %.60s", p.dl.v[0].line, text);
	cr_expect_eq(p.dl.v[0].column, column, "column %u for: %.60s", p.dl.v[0].column, text);
	parsed_free(&p);
}

static void refuses(const char *text, unsigned line, unsigned column, const char *want)
{
	refuses_n(text, strlen(text), line, column, want);
}

Test(tree, places)
{
	struct parsed p = parse("a: 1\nb:\n  - x\n  - {c: 'yes', d: }\n");
	struct ynode *b, *m;

	cr_assert_eq(p.err, SIM_OK);
	cr_expect_eq(p.root->kind, Y_MAP);
	cr_expect_str_eq(p.root->file, "t.yaml");
	b = ynode_get(p.root, "b");
	cr_assert(b && b->kind == Y_SEQ && b->n == 2);
	cr_expect_eq(b->item[0].val->line, 3);
	cr_expect_eq(b->item[0].val->column, 5);
	m = b->item[1].val;
	cr_expect_str_eq(ynode_get(m, "c")->text, "yes");
	cr_expect(ynode_get(m, "c")->quoted);
	cr_expect(ynode_is_null(ynode_get(m, "d")));
	cr_expect_null(ynode_get(m, "e"));
	cr_expect_null(ynode_get(b, "c"));
	parsed_free(&p);
}

Test(tree, byte_order_mark_and_columns_in_characters)
{
	struct parsed p = parse("\xef\xbb\xbf{ä: ö}");

	cr_assert_eq(p.err, SIM_OK);
	cr_expect_eq(p.root->item[0].val->column, 5);
	parsed_free(&p);
}

Test(tree, refused)
{
	refuses("", 0, 0, "nothing in it");
	refuses("# only a comment\n", 0, 0, "nothing in it");
	refuses("a: &x 1\n", 1, 4, "anchors ('&x') are not allowed");
	refuses("a: !!int 1\n", 1, 4, "tags ('tag:yaml.org,2002:int') are not allowed");
	refuses("a: !include b.yaml\n", 1, 4, "tags ('!include') are not allowed");
	refuses("<<: {a: 1}\n", 1, 1, "merge keys ('<<') are not allowed");
	refuses("a: 1\nb: 2\na: 3\n", 3, 1, "'a' is given twice");
	refuses("? [a]\n: 1\n", 1, 3, "a list or mapping cannot be a key");
	refuses("a: 1\n---\nb: 2\n", 2, 1, "a second document starts here");
	refuses("%TAG ! tag:x,2000:\n---\na: 1\n", 1, 1, "tags ('%TAG') are not allowed");
	refuses("a: \"x\\0y\"\n", 1, 4, "a value with a NUL character in it");
	refuses("a: [1, 2\n", 2, 1, "not YAML: while parsing a flow sequence, did not find expected ',' or ']'");
	refuses("a: b: c\n", 1, 5, "not YAML: mapping values are not allowed in this context");
	refuses("a: 1\n\tb: 2\n", 2, 1,
		"not YAML: while scanning a plain scalar, found a tab character that violates indentation");
	refuses("a: @b\n", 1, 4,
		"not YAML: while scanning for the next token, found character that cannot start any token");
	refuses("a: \xff\n", 1, 4, "not text: invalid leading UTF-8 octet");
	refuses("ab: \xc3\n", 1, 6, "not text: invalid trailing UTF-8 octet");
	refuses("a: \xed\xa0\x80\n", 1, 4, "not text: invalid Unicode character");
	refuses("a: \x01\n", 1, 4, "not text: control characters are not allowed");
	refuses_n("a: 1\nb: \0\n", 10, 2, 4, "not text: control characters are not allowed");
}

Test(tree, aliases_expand_to_nothing)
{
	struct parsed p = parse("a: &a [1, 2]\nb: *a\nc: [*a, *a]\n");

	cr_assert_eq(p.err, SIM_OK); /* the tree is usable; the errors say it must not be used */
	cr_expect_eq(p.dl.errors, 4);
	cr_expect_eq(ynode_get(p.root, "b")->kind, Y_BAD);
	parsed_free(&p);
}

Test(tree, billion_laughs)
{
	char text[4096];
	size_t n = 0;
	struct parsed p;

	n += (size_t)sprintf(text + n, "a0: &a0 [lol]\n");
	for (int i = 1; i < 20; i++) {
		n += (size_t)sprintf(text + n, "a%d: &a%d [", i, i);
		for (int k = 0; k < 9; k++)
			n += (size_t)sprintf(text + n, "%s*a%d", k ? "," : "", i - 1);
		n += (size_t)sprintf(text + n, "]\n");
	}
	p = parse_n(text, n);
	cr_expect_eq(p.dl.errors, 20 + 19 * 9);
	cr_expect_lt(p.t.nodes, 1000);
	parsed_free(&p);
}

Test(tree, depth)
{
	char text[200];
	struct parsed p;

	memset(text, '[', 100);
	memset(text + 100, ']', 100);
	refuses_n(text, 200, 1, 65, "nested more than 64 levels deep");
	p = parse_n(text + 36, 128);
	cr_expect_eq(p.err, SIM_OK);
	parsed_free(&p);
}

Test(tree, node_count)
{
	size_t n = 250000, i;
	char *text = malloc(n * 2 + 2);

	text[0] = '[';
	for (i = 0; i < n; i++)
		memcpy(text + 1 + i * 2, "1,", 2);
	text[1 + n * 2] = ']';
	refuses_n(text, n * 2 + 2, 1, 400000, "more than 200000 values");
	free(text);
}

Test(tree, size)
{
	size_t n = YAML_MAX_BYTES + 1;
	char *text = malloc(n);

	memset(text, '#', n);
	refuses_n(text, n, 0, 0, "larger than 8 MiB");
	refuses_n(text, n - 1, 0, 0, "nothing in it");
	free(text);
}

Test(tree, scalar_length)
{
	size_t n = YAML_MAX_SCALAR;
	char *text = malloc(n + 8);
	struct parsed p;

	memset(text, 'x', n + 8);
	memcpy(text, "a: ", 3);
	p = parse_n(text, n + 3);
	cr_expect_eq(p.err, SIM_OK);
	parsed_free(&p);
	refuses_n(text, n + 4, 1, 4, "a value longer than 64 KiB");
	free(text);
}

Test(tree, many_duplicate_keys_are_found_fast_and_not_all_shown)
{
	size_t n = 0, i;
	char *text = malloc(1 << 20);
	struct parsed p;

	for (i = 0; i < 60000; i++)
		n += (size_t)sprintf(text + n, "k%zu: 1\n", i % 30000);
	p = parse_n(text, n);
	cr_expect_eq(p.dl.n, YAML_MAX_ERRORS + 1);
	cr_expect_str_eq(p.dl.v[p.dl.n - 1].text, "more than 1000 errors; the rest is not shown");
	parsed_free(&p);
	free(text);
}

Test(tree, text_is_shown_in_one_printable_line)
{
	cr_expect_str_eq(SHOW("plain"), "plain");
	cr_expect_str_eq(SHOW("a\nb\x1b[31m"), "a?b?[31m");
	cr_expect_str_eq(SHOW("grün"), "grün");
	cr_expect_str_eq(SHOW("0123456789012345678901234567890123456789"), "0123456789012345678901234567890123456789");
	cr_expect_str_eq(SHOW("01234567890123456789012345678901234567890"),
			 "0123456789012345678901234567890123456789...");
	cr_expect_str_eq(SHOW("\xc3"), "?");
}

/* ---- --set ---- */

/* The text at a path of keys after setting. */
static const char *text_at(struct ynode *n, const char *a, const char *b)
{
	n = ynode_get(n, a);
	if (b && n && n->kind == Y_SEQ)
		n = n->item[0].val;
	if (b)
		n = ynode_get(n, b);
	return n && n->kind == Y_SCALAR ? n->text : "-";
}

static struct parsed set(const char *text, const char *arg)
{
	struct parsed p = parse(text);

	cr_assert_eq(p.err, SIM_OK);
	cr_assert_eq(tree_set(&p.t, &p.dl, p.root, arg), SIM_OK);
	return p;
}

static void sets(const char *text, const char *arg, const char *a, const char *b, const char *want)
{
	struct parsed p = set(text, arg);

	cr_expect_eq(p.dl.n, 0, "%s: %s", arg, p.dl.n ? p.dl.v[0].text : "");
	cr_expect_str_eq(text_at(p.root, a, b), want);
	parsed_free(&p);
}

static void set_refuses(const char *text, const char *arg, const char *file, const char *want)
{
	struct parsed p = set(text, arg);

	cr_assert_eq(p.dl.n, 1, "%s", arg);
	cr_expect_str_eq(p.dl.v[0].file, file);
	cr_expect_eq(p.dl.v[0].line, 0);
	cr_expect_str_eq(p.dl.v[0].text, want);
	parsed_free(&p);
}

Test(setpath, sets)
{
	const char *text = "m: {x: 1}\nsysctl: {vm.swappiness: 60}\np: [{name: a.b, v: 1}, {name: c, v: 2}]\n";

	sets(text, "m.x=2", "m", "x", "2");
	sets(text, "m.y=2", "m", "y", "2");
	sets(text, "seed=7", "seed", NULL, "7");
	sets(text, "new.deep=7", "new", "deep", "7");
	sets(text, "sysctl.vm.swappiness=10", "sysctl", "vm.swappiness", "10");
	sets(text, "sysctl.vm.dirty_ratio=10", "sysctl", "vm.dirty_ratio", "10");
	sets(text, "p[0].v=9", "p", "v", "9");
	sets(text, "p.0.v=9", "p", "v", "9");
	sets(text, "p.a.b.v=9", "p", "v", "9");
	sets(text, "m.x='a=b'", "m", "x", "a=b");
	sets("{}", "m.x=2", "m", "x", "2");
}

Test(setpath, takes_structures)
{
	struct parsed p = set("m: 1\n", "m={a: [1, 2], b: c}");

	cr_expect_str_eq(text_at(p.root, "m", "b"), "c");
	cr_expect_str_eq(ynode_get(ynode_get(p.root, "m"), "a")->file, "--set m");
	parsed_free(&p);
}

Test(setpath, refused)
{
	const char *text = "m: {x: 1}\np: [{name: leak, v: 1}]\n";

	set_refuses(text, "m.x", "--set", "'m.x' is not PATH=VALUE");
	set_refuses(text, "=1", "--set", "'=1' is not PATH=VALUE");
	set_refuses(text, "m.x=", "--set m.x", "no value");
	set_refuses(text, "m.x=[1", "--set m.x",
		    "not YAML: while parsing a flow sequence, did not find expected ',' or ']'");
	set_refuses(text, "m.x=*a", "--set m.x", "aliases ('*a') are not allowed");
	set_refuses(text, "m.x.y=1", "--set m.x.y",
		    "the path goes on below a value that is neither a mapping nor a list");
	set_refuses(text, "m..x=1", "--set m..x", "an empty key in the path");
	set_refuses(text, "m[0]=1", "--set m[0]", "[N] stands after something that is no list");
	set_refuses(text, "p[1].v=1", "--set p[1].v", "no element '[1]' in the list");
	set_refuses(text, "p[x].v=1", "--set p[x].v", "no element '[x]' in the list");
	set_refuses(text, "p[0=1", "--set p[0", "no element '[0' in the list");
	set_refuses(text, "p[0]v=1", "--set p[0]v", "a dot or [N] is missing in the path");
	set_refuses(text, "p.laek.v=1", "--set p.laek.v", "no element 'laek' in the list");
	set_refuses(text, "p.=1", "--set p.", "no element '' in the list");
}
