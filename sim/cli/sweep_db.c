/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/sweep_db.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/cli.h"

#define MAGIC "# oomsim.sweep/1 "

/* ---- text ---- */

void csv_field(struct strbuf *out, const char *s)
{
	if (!s[strcspn(s, ",\"\n")]) {
		strbuf_puts(out, s);
		return;
	}
	strbuf_puts(out, "\"");
	for (; *s; s++)
		strbuf_add(out, *s == '"' ? "\"\"" : s, *s == '"' ? 2 : 1);
	strbuf_puts(out, "\"");
}

static void head(const struct sweep_db *db, struct strbuf *out)
{
	strbuf_addf(out, MAGIC "%s %s\nrun,seed", db->name, db->key);
	for (size_t v = 0; v < db->plan->nvary; v++) {
		strbuf_puts(out, ",");
		csv_field(out, db->plan->vary[v].path);
	}
	for (size_t m = 0; m < MEASURE_COUNT; m++)
		strbuf_addf(out, ",%s", measure_name[m]);
	strbuf_puts(out, ",digest\n");
}

void db_format_row(const struct sweep_db *db, size_t i, const struct sweep_row *r, struct strbuf *out)
{
	strbuf_addf(out, "%zu,%" PRIu64, i, plan_seed(db->plan, i));
	for (size_t v = 0; v < db->plan->nvary; v++) {
		struct strbuf value = { 0 };

		plan_value(db->plan, i, v, &value);
		out->failed |= value.failed;
		strbuf_puts(out, ",");
		csv_field(out, value.s ? value.s : "");
		strbuf_free(&value);
	}
	for (size_t m = 0; m < MEASURE_COUNT; m++) {
		strbuf_puts(out, ",");
		if (!isnan(r->v[m]))
			strbuf_addf(out, "%.10g", r->v[m]);
	}
	strbuf_addf(out, ",%s", r->digest);
}

/* The next field of *at, unquoted in place; NULL: there is none. */
static char *next_field(char **at)
{
	char *s = *at, *from, *to;

	if (!s)
		return NULL;
	if (*s != '"') {
		strsep(at, ",");
		return s;
	}
	for (from = to = s + 1; *from && !(*from == '"' && from[1] != '"'); from++) {
		from += *from == '"';
		*to++ = *from;
	}
	*at = *from == '"' && from[1] == ',' ? from + 2 : NULL;
	*to = '\0';
	return s + 1;
}

static bool parse_measure(const char *s, double *ret)
{
	char *end;

	*ret = *s ? strtod(s, &end) : NAN;
	return s && (!*s || !*end);
}

size_t db_parse_row(const struct sweep_db *db, char *line, struct sweep_row *ret)
{
	const char *field = next_field(&line);
	char *end;
	size_t i = field ? strtoul(field, &end, 10) : 0;

	if (!field || end == field || *end || i == SIZE_MAX)
		return SIZE_MAX;
	for (size_t v = 0; v < 1 + db->plan->nvary; v++) /* they follow from the run */
		if (!next_field(&line))
			return SIZE_MAX;
	for (size_t m = 0; m < MEASURE_COUNT; m++) {
		field = next_field(&line);
		if (!field || !parse_measure(field, &ret->v[m]))
			return SIZE_MAX;
	}
	field = next_field(&line);
	if (!field || line || strlen(field) != 32)
		return SIZE_MAX;
	strcpy(ret->digest, field);
	return i;
}

/* ---- the file ---- */

static enum db_result read_line(struct sweep_db *db, char *line)
{
	struct sweep_row r;
	size_t i, n = strlen(MAGIC);
	char *key;

	if (!strncmp(line, MAGIC, n)) {
		key = strrchr(line, ' ');
		return strcmp(key + 1, db->key) ? DB_OTHER : DB_OK;
	}
	if (!strncmp(line, "run,seed", 8))
		return DB_OK;
	i = db_parse_row(db, line, &r);
	if (i == SIZE_MAX)
		return DB_BROKEN;
	r.done = true;
	if (i < plan_runs(db->plan))
		db->row[i] = r;
	return DB_OK;
}

/* A last line without its end was being written when the sweep was stopped: it is run again. */
static enum db_result read_text(struct sweep_db *db, char *s, unsigned *ret_line)
{
	enum db_result r;
	char *end;

	if (*s && strncmp(s, MAGIC, strlen(MAGIC)))
		return *ret_line = 1, DB_BROKEN;
	for (*ret_line = 1; (end = strchr(s, '\n')); s = end + 1, ++*ret_line) {
		*end = '\0';
		r = read_line(db, s);
		if (r)
			return r;
	}
	return DB_OK;
}

enum db_result db_read(struct sweep_db *db, unsigned *ret_line)
{
	struct strbuf text = { 0 };
	enum db_result r;
	int err = cli_read_file(db->path, &text);

	errno = -err;
	if (err && err != -ENOENT)
		return DB_FAILED;
	r = text.s ? read_text(db, text.s, ret_line) : DB_OK;
	strbuf_free(&text);
	return r;
}

static int write_all(struct sweep_db *db, struct strbuf *out)
{
	head(db, out);
	for (size_t i = 0; i < plan_runs(db->plan); i++) {
		if (!db->row[i].done)
			continue;
		db_format_row(db, i, &db->row[i], out);
		strbuf_puts(out, "\n");
	}
	return out->failed ? -ENOMEM : cli_write_file(db->path, out->s, out->len);
}

/* What was read is written anew, which also cuts off a line without an end. */
int db_open(struct sweep_db *db)
{
	struct strbuf out = { 0 };
	int err = write_all(db, &out);

	strbuf_free(&out);
	if (err)
		return err;
	db->fd = open(db->path, O_WRONLY | O_APPEND | O_CLOEXEC);
	return db->fd < 0 ? -errno : 0;
}

int db_add(struct sweep_db *db, size_t i, const struct sweep_row *r)
{
	struct strbuf line = { 0 };
	int err = 0;

	db->row[i] = *r;
	db->row[i].done = true;
	db_format_row(db, i, r, &line);
	strbuf_puts(&line, "\n");
	if (line.failed)
		err = -ENOMEM;
	else if (write(db->fd, line.s, line.len) != (ssize_t)line.len)
		err = errno ? -errno : -EIO;
	strbuf_free(&line);
	return err;
}

int db_finish(struct sweep_db *db)
{
	struct strbuf out = { 0 };
	int err = write_all(db, &out);

	strbuf_free(&out);
	if (db->fd >= 0)
		close(db->fd);
	db->fd = -1;
	return err;
}
