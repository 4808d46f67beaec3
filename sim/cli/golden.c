/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Goldens: whole outputs under version control, rewritten by one command and reviewed as a diff. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/cli.h"
#include "sim/cli/compare.h"
#include "sim/cli/expect.h"
#include "sim/sink/summary.h"

#define KERN_LOG_MAX (64 * KIB) /* a larger log is left to the digest */

static int path_of(struct strbuf *path, const char *dir, const struct collect *c, const char *suffix)
{
	strbuf_free(path);
	strbuf_addf(path, "%s/%s%s", dir, c->scenario, suffix);
	return path->failed ? -ENOMEM : 0;
}

/* A file that need not be there: *ret stays empty and *ret_exists false. */
static int read_golden(const char *path, struct strbuf *ret, bool *ret_exists)
{
	int err = cli_read_file(path, ret);

	*ret_exists = !err;
	return err == -ENOENT ? 0 : err;
}

static int compare_summary(struct strbuf *out, const struct strbuf *golden, const char *path, const struct collect *c,
			   unsigned *n)
{
	char *text = summary_text(c);
	json_error_t e;
	json_t *old = json_loadb(golden->s ? golden->s : "", golden->len, 0, &e), *now = NULL;
	int err = -ENOMEM;

	if (!text)
		goto out;
	err = 0;
	if (strlen(text) == golden->len && !memcmp(text, golden->s, golden->len))
		goto out;
	if (!old) {
		strbuf_addf(out, "  %s:%d:%d: error: %s\n", path, e.line, e.column, e.text);
		++*n;
		goto out;
	}
	now = json_loads(text, 0, &e);
	if (!now) {
		err = -ENOMEM;
		goto out;
	}
	strbuf_addf(out, "  compared with %s (golden -> now):\n", path);
	*n += compare_summaries(out, old, now);
out:
	json_decref(old);
	json_decref(now);
	free(text);
	return err;
}

int golden_compare(struct strbuf *out, const char *dir, const struct collect *c, const char *kern_log, bool *ret_exists,
		   unsigned *ret_differences, struct strbuf *reterr_path)
{
	struct strbuf golden = { 0 };
	bool has_log;
	int err;

	*ret_differences = 0;
	err = path_of(reterr_path, dir, c, ".json");
	if (!err)
		err = read_golden(reterr_path->s, &golden, ret_exists);
	if (!err && *ret_exists)
		err = compare_summary(out, &golden, reterr_path->s, c, ret_differences);
	strbuf_free(&golden);
	if (err || !*ret_exists)
		return err;
	err = path_of(reterr_path, dir, c, ".kern.log");
	if (!err)
		err = read_golden(reterr_path->s, &golden, &has_log);
	if (!err && has_log)
		*ret_differences += compare_texts(out, reterr_path->s, golden.s ? golden.s : "", kern_log);
	strbuf_free(&golden);
	return err;
}

int golden_update(const char *dir, const struct collect *c, const char *kern_log, struct strbuf *reterr_path)
{
	char *text = summary_text(c);
	int err = text ? 0 : -ENOMEM;

	strbuf_free(reterr_path);
	strbuf_puts(reterr_path, dir);
	if (!err)
		err = cli_mkdir_p(dir);
	if (!err)
		err = path_of(reterr_path, dir, c, ".json");
	if (!err)
		err = cli_write_file(reterr_path->s, text, strlen(text));
	free(text);
	if (!err)
		err = path_of(reterr_path, dir, c, ".kern.log");
	if (err)
		return err;
	/* A log that has grown too large, or a run without one, must not leave an old golden behind. */
	if (*kern_log && strlen(kern_log) <= KERN_LOG_MAX)
		return cli_write_file(reterr_path->s, kern_log, strlen(kern_log));
	return unlink(reterr_path->s) && errno != ENOENT ? -errno : 0;
}
