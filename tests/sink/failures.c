/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Disks fill up, parents are missing, targets are something else: a folder is there whole or not at all. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/core/diag.h"
#include "sim/sink/sink.h"
#include "sim/sink/story.h"
#include "sim/sink/summary.h"
#include "tests/sink/fixture.h"

static struct sink_set *set_for(const char *dir, const char *name, char target[300])
{
	struct sink_set *s;

	snprintf(target, 300, "%s/%s", dir, name);
	s = sink_set_new(&(struct sink_options){ .dir = target });
	cr_assert_not_null(s);
	return s;
}

static void good_run(const char *dir, const char *name)
{
	char target[300];
	struct sink_set *s = set_for(dir, name, target);

	cr_assert_eq(sink_set_status(s), SIM_OK, "%s", sink_set_error(s));
	cr_assert_eq(fixture_quiet(sink_set_recorder(s)), 0);
	cr_assert_eq(sink_set_finish(s), SIM_OK, "%s", sink_set_error(s));
	sink_set_free(s);
}

static void put(const char *dir, const char *name, const char *text)
{
	char path[600];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	cr_assert_not_null(f);
	fputs(text, f);
	fclose(f);
}

Test(sink_folder, appears_when_complete)
{
	char dir[200], target[300];
	struct sink_set *s;

	fixture_tmpdir(dir);
	s = set_for(dir, "out", target);
	cr_assert_eq(fixture_entries(target), -1);
	cr_assert_eq(fixture_entries(dir), 1); /* the temporary one */
	cr_assert_eq(fixture_quiet(sink_set_recorder(s)), 0);
	cr_assert_eq(fixture_entries(target), -1);
	cr_assert_eq(sink_set_finish(s), SIM_OK);
	cr_assert_eq(fixture_entries(dir), 1);
	cr_assert_gt(fixture_entries(target), 8);
	sink_set_abort(s);
	sink_set_free(s);
	cr_assert_gt(fixture_entries(target), 8);
	fixture_cleanup(dir);
}

Test(sink_folder, abort_leaves_nothing)
{
	char dir[200], target[300];
	struct sink_set *s;

	fixture_tmpdir(dir);
	s = set_for(dir, "a/b/c/out", target);
	cr_assert_eq(fixture_leak(sink_set_recorder(s), 5), 0);
	cr_assert_eq(fixture_entries(dir), 1);
	sink_set_abort(s);
	cr_assert_eq(fixture_entries(dir), 0, "parents made for it are gone too");
	sink_set_free(s);
	sink_set_free(NULL);
	fixture_cleanup(dir);
}

/* An old result gives way to a complete new one, with all that was in it; until then it stays. */
Test(sink_folder, replaces_a_result)
{
	char dir[200], target[300];
	struct sink_set *s;

	fixture_tmpdir(dir);
	good_run(dir, "out");
	snprintf(target, sizeof(target), "%s/out", dir);
	put(target, "stale.txt", "old");
	s = set_for(dir, "out", target);
	cr_assert_eq(fixture_leak(sink_set_recorder(s), 5), 0);
	cr_assert(fixture_exists(target, "stale.txt"));
	sink_set_abort(s);
	sink_set_free(s);
	cr_assert(fixture_exists(target, "stale.txt"));
	good_run(dir, "out/");
	cr_assert(!fixture_exists(target, "stale.txt"));
	cr_assert_eq(fixture_entries(dir), 1);
	fixture_cleanup(dir);
}

Test(sink_folder, fills_an_empty_one)
{
	char dir[200], target[300];

	fixture_tmpdir(dir);
	snprintf(target, sizeof(target), "%s/out", dir);
	cr_assert_eq(mkdir(target, 0777), 0);
	good_run(dir, "out");
	cr_assert_gt(fixture_entries(target), 8);
	fixture_cleanup(dir);
}

/* Follows a link, and replaces what it stands for. */
Test(sink_folder, through_a_link)
{
	char dir[200], link[300];
	struct stat st;

	fixture_tmpdir(dir);
	good_run(dir, "real");
	snprintf(link, sizeof(link), "%s/link", dir);
	cr_assert_eq(symlink("real", link), 0);
	good_run(dir, "link");
	cr_assert_eq(lstat(link, &st), 0);
	cr_assert(S_ISLNK(st.st_mode));
	fixture_cleanup(dir);
}

static void refused(const char *target, const char *why)
{
	struct sink_set *s = sink_set_new(&(struct sink_options){ .dir = target });

	cr_assert_eq(sink_set_status(s), SIM_EIO);
	cr_assert_not_null(strstr(sink_set_error(s), why), "%s", sink_set_error(s));
	cr_assert_not_null(strstr(sink_set_error(s), target), "%s", sink_set_error(s));
	cr_assert_eq(fixture_quiet(sink_set_recorder(s)), SIM_EIO);
	cr_assert_eq(sink_set_finish(s), SIM_EIO);
	sink_set_free(s);
}

/* Somebody's folder is not a result to be replaced. */
Test(sink_folder, refuses_what_is_not_ours)
{
	char dir[200], target[300];

	fixture_tmpdir(dir);
	put(dir, "thesis.tex", "years of work");
	refused(dir, "not a result folder");
	cr_assert(fixture_exists(dir, "thesis.tex"));
	snprintf(target, sizeof(target), "%s/thesis.tex", dir);
	refused(target, "Not a directory");
	snprintf(target, sizeof(target), "%s/thesis.tex/out", dir);
	refused(target, "Not a directory");
	cr_assert_eq(fixture_entries(dir), 1);
	fixture_cleanup(dir);
}

Test(sink_folder, refuses_where_nothing_can_be_made)
{
	refused("/proc/oomsim-results/out", "");
}

/* A limit on file size stands for a full disk: the error names the file, nothing is left, an old result is untouched. */
static void run_against_a_limit(rlim_t limit)
{
	char dir[200], target[300];
	struct rlimit l = { limit, RLIM_INFINITY }, off = { RLIM_INFINITY, RLIM_INFINITY };
	struct sink_set *s;
	int err;

	fixture_tmpdir(dir);
	good_run(dir, "out");
	signal(SIGXFSZ, SIG_IGN);
	s = set_for(dir, "out", target);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &l), 0);
	err = fixture_leak(sink_set_recorder(s), 2000);
	if (!err)
		err = sink_set_finish(s);
	else
		sink_set_abort(s);
	setrlimit(RLIMIT_FSIZE, &off);
	cr_assert_eq(err, SIM_EIO);
	cr_assert_not_null(strstr(sink_set_error(s), "out/"), "%s", sink_set_error(s));
	cr_assert_not_null(strstr(sink_set_error(s), ": File too large"), "%s", sink_set_error(s));
	sink_set_free(s);
	cr_assert_eq(fixture_entries(dir), 1);
	cr_assert_gt(fixture_entries(target), 8);
	fixture_cleanup(dir);
}

Test(sink_folder, limit_in_the_middle)
{
	run_against_a_limit(50000);
}
Test(sink_folder, limit_at_the_end)
{
	run_against_a_limit(1000);
}
Test(sink_folder, limit_zero)
{
	run_against_a_limit(0);
}

/* A really full disk, where one can be made: each size fails at another file. */
Test(sink_folder, disk_full)
{
	char dir[200], target[300], opt[40];

	fixture_tmpdir(dir);
	for (unsigned kB = 4; kB <= 512; kB *= 2) {
		struct sink_set *s;
		int err;

		snprintf(opt, sizeof(opt), "size=%uk,nr_inodes=200", kB);
		if (mount("oomsim", dir, "tmpfs", 0, opt)) {
			fixture_cleanup(dir);
			cr_skip_test("mounting a small file system needs root");
		}
		s = set_for(dir, "out", target);
		err = sink_set_status(s);
		if (!err)
			err = fixture_leak(sink_set_recorder(s), 1000);
		if (!err)
			err = sink_set_finish(s);
		sink_set_free(s);
		cr_expect_eq(err, SIM_EIO, "%u kB", kB);
		cr_expect_eq(fixture_entries(dir), 0, "%u kB", kB);
		cr_assert_eq(umount(dir), 0);
	}
	fixture_cleanup(dir);
}

Test(sink_streams, full_device)
{
	struct collect c;
	struct recorder rec;
	FILE *f = fopen("/dev/full", "w");

	if (!f)
		cr_skip_test("no /dev/full");
	collect_init(&c);
	rec = collect_recorder(&c);
	cr_assert_eq(fixture_leak(&rec, 5), 0);
	cr_assert_eq(summary_write(&c, f), SIM_EIO);
	cr_assert_eq(story_write(&c, &(struct story_options){ .dir = "x" }, f), SIM_EIO);
	fclose(f);
	collect_free(&c);
}
