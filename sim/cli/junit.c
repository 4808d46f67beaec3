/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JUnit XML, in the dialect that Jenkins, GitLab and GitHub's report actions share: testsuites, testsuite, testcase, failure,
 * error. There is no standard; the Ant schema is the root they agree on. */
#include "sim/cli/junit.h"

#include <string.h>

/* Length of the UTF-8 sequence at s if it is one that XML 1.0 can hold (its Char production), else 0. */
static size_t xml_char(const unsigned char *s)
{
	unsigned c = s[0], len, min;

	if (c < 0x80)
		return c >= 0x20 || c == '\t' || c == '\n' || c == '\r';
	if (c >= 0xc2 && c <= 0xdf) {
		len = 2;
		c &= 0x1f;
		min = 0x80;
	} else if (c >= 0xe0 && c <= 0xef) {
		len = 3;
		c &= 0x0f;
		min = 0x800;
	} else if (c >= 0xf0 && c <= 0xf4) {
		len = 4;
		c &= 0x07;
		min = 0x10000;
	} else {
		return 0;
	}
	for (unsigned i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < min || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) || c == 0xfffe || c == 0xffff)
		return 0;
	return len;
}

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&apos;";
	case '\r':
		return "&#13;";
	default:
		return NULL;
	}
}

void xml_escape(struct strbuf *out, const char *s)
{
	while (*s) {
		size_t n = xml_char((const unsigned char *)s);
		const char *e = entity(*s);

		if (e)
			strbuf_puts(out, e);
		else if (n)
			strbuf_add(out, s, n);
		else
			strbuf_puts(out, "\xef\xbf\xbd");
		s += n ? n : 1;
	}
}

static void attribute(struct strbuf *out, const char *name, const char *value)
{
	strbuf_addf(out, " %s=\"", name);
	xml_escape(out, value);
	strbuf_puts(out, "\"");
}

/* The first line: what a CI system shows in its list. An attribute must not hold a newline. */
static void message(struct strbuf *out, const char *detail)
{
	struct strbuf first = { 0 };

	detail += strspn(detail, " ");
	strbuf_add(&first, detail, strcspn(detail, "\n"));
	attribute(out, "message", first.s ? first.s : "");
	strbuf_free(&first);
}

static void testcase(struct strbuf *out, const struct check_result *r)
{
	const char *tag = r->outcome == CHECK_FAILED ? "failure" : "error";
	const char *detail = r->detail.s ? r->detail.s : "";

	strbuf_puts(out, "    <testcase classname=\"oomsim\"");
	attribute(out, "name", r->name ? r->name : r->path);
	attribute(out, "file", r->path);
	strbuf_addf(out, " time=\"%.3f\"", r->wall_s);
	if (r->outcome == CHECK_PASSED) {
		strbuf_puts(out, "/>\n");
		return;
	}
	strbuf_addf(out, ">\n      <%s", tag);
	message(out, detail);
	strbuf_puts(out, ">");
	xml_escape(out, detail);
	strbuf_addf(out, "</%s>\n    </testcase>\n", tag);
}

void junit_write(struct strbuf *out, const struct check_result *r, size_t n)
{
	size_t failures = 0, errors = 0;
	double wall_s = 0;

	for (size_t i = 0; i < n; i++) {
		failures += r[i].outcome == CHECK_FAILED;
		errors += r[i].outcome == CHECK_ERROR;
		wall_s += r[i].wall_s;
	}
	strbuf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	strbuf_addf(out, "<testsuites tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" time=\"%.3f\">\n", n, failures,
		    errors, wall_s);
	strbuf_addf(out,
		    "  <testsuite name=\"oomsim check\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"0\" "
		    "time=\"%.3f\">\n",
		    n, failures, errors, wall_s);
	for (size_t i = 0; i < n; i++)
		testcase(out, &r[i]);
	strbuf_puts(out, "  </testsuite>\n</testsuites>\n");
}

/* A TAP description ends at a newline and '#' begins a directive; both are escaped away. */
static void tap_name(struct strbuf *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '#' || *s == '\\')
			strbuf_puts(out, "\\");
		strbuf_add(out, (unsigned char)*s < ' ' ? "?" : s, 1);
	}
}

void tap_write(struct strbuf *out, const struct check_result *r, size_t n)
{
	strbuf_addf(out, "TAP version 13\n1..%zu\n", n);
	for (size_t i = 0; i < n; i++) {
		const char *line = r[i].detail.s ? r[i].detail.s : "";

		strbuf_addf(out, "%sok %zu - ", r[i].outcome == CHECK_PASSED ? "" : "not ", i + 1);
		tap_name(out, r[i].path);
		strbuf_puts(out, "\n");
		while (*line) {
			size_t len = strcspn(line, "\n");

			strbuf_puts(out, "# ");
			strbuf_add(out, line, len);
			strbuf_puts(out, "\n");
			line += len + (line[len] == '\n');
		}
	}
}
