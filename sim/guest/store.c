/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/guest/store.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

char *store_line(char **text)
{
	char *line = *text, *end;

	if (!*line)
		return NULL;
	end = strchr(line, '\n');
	*text = end ? end + 1 : line + strlen(line);
	if (end)
		*end = 0;
	return line;
}

static void path_of(char *ret, size_t size, const char *dir, const char *name)
{
	snprintf(ret, size, "%s/%s", dir, name);
}

FILE *store_open(const char *dir, const char *name, char *why)
{
	char path[4200];
	FILE *f;

	path_of(path, sizeof(path), dir, name);
	f = fopen(path, "we");
	if (!f)
		snprintf(why, RECORDING_WHY, "%s: %s", path, strerror(errno));
	return f;
}

bool store_close(FILE *f, const char *dir, const char *name, char *why)
{
	bool broken = ferror(f);

	if (fclose(f) || broken) {
		snprintf(why, RECORDING_WHY, "%.4000s/%s: %s", dir, name, strerror(errno ? errno : EIO));
		return false;
	}
	return true;
}

static json_t *meta_of(const struct guest_raw *raw, const struct guest_run_meta *m)
{
	static const char *const state[] = { "never started", "cut short", "complete", "setup failed" };

	return json_pack("{s:s, s:s, s:s, s:I, s:i, s:s, s:s, s:b, s:i, s:s, s:s, s:s}", "scenario", m->scenario, "kernel", m->kernel,
			 "image", m->image, "ram_mb", (json_int_t)m->ram_mib, "smp", 1, "clock", m->clock, "state",
			 state[raw->state < 4 ? raw->state : 0], "timed_out", m->timed_out, "qemu_status", m->qemu_status,
			 "qemu_stderr", m->qemu_stderr, "plan", m->plan, "notes", m->notes);
}

static bool store_meta(const char *dir, const json_t *meta, char *why)
{
	FILE *f = store_open(dir, "meta.json", why);

	if (!f)
		return false;
	if (json_dumpf(meta, f, JSON_INDENT(1)) || fputc('\n', f) == EOF) {
		fclose(f);
		snprintf(why, RECORDING_WHY, "%.4000s/meta.json: not written", dir);
		return false;
	}
	return store_close(f, dir, "meta.json", why);
}

bool kernel_recording_store(const char *dir, struct guest_raw *raw, const struct guest_run_meta *meta, char why[RECORDING_WHY])
{
	json_t *m = meta_of(raw, meta);
	bool ok;

	if (!m) {
		snprintf(why, RECORDING_WHY, "%s", "meta.json: no memory, or texts that are no UTF-8");
		return false;
	}
	ok = store_samples(dir, raw->samples, m, why) && store_log(dir, raw, m, why) && store_meta(dir, m, why);
	json_decref(m);
	return ok;
}
