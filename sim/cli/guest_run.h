/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running a plan on a real kernel: programs of the host (QEMU, a compiler, mke2fs) and the files that pass between them. */
#ifndef OOMSIM_CLI_GUEST_RUN_H
#define OOMSIM_CLI_GUEST_RUN_H

#include <stdbool.h>

#include "sim/guest/boot.h"
#include "sim/guest/plan.h"
#include "sim/guest/store.h"

/* What the user has named; NULL: to be looked for. */
struct guest_options {
	const char *image;   /* vmlinuz */
	const char *modules; /* .../lib/modules/RELEASE */
	const char *guest;   /* the guest program, already compiled */
	unsigned timeout_s;  /* of host time */
	bool quiet;
};

struct guest_kernel {
	struct strbuf data; /* the image's file */
	struct kernel_image image;
};

/* Read the kernel image. An exit status, with a message; free in any case. */
int guest_kernel_read(const char *path, struct guest_kernel *ret);
void guest_kernel_free(struct guest_kernel *k);

/*
 * Boot the kernel with the plan and store the recording in the folder `dir`, which exists. An exit status, with a message when it
 * is not EXIT_DONE, or SIM_EINTERRUPTED.
 */
int guest_run(const struct guest_options *o, const struct guest_kernel *k, const struct guest_plan *plan, const char *scenario,
	      const char *dir);

/* ---- between guest_run.c, guest_boot.c and guest_tools.c ---- */

#define GUEST_PATH 4096

/* One run: a working folder with the files that QEMU opens. */
struct guest_run {
	const struct guest_options *o;
	const struct guest_kernel *k;
	const struct guest_plan *plan;
	char dir[GUEST_PATH - 64];
	char modules[GUEST_PATH];
	void *region; /* mapped */
	size_t region_size;
	bool timed_out;
	int qemu_status;
};

/* A file of the working folder. */
void guest_path(const struct guest_run *r, const char *name, char ret[GUEST_PATH]);
/* Write what QEMU is to boot; its path into path. An exit status, with a message. */
int guest_write_kernel(struct guest_run *r, char path[GUEST_PATH]);
int guest_write_initramfs(struct guest_run *r, char path[GUEST_PATH]);

/* Run a program with an input file (NULL: none) and an output file (NULL: our stderr for both its outputs). Its exit status; 127: there is no such
 * program. */
int tool_run(char *const argv[], const char *in, const char *out);
/* Is there a program of that name in PATH? */
bool tool_exists(const char *name);
/* "PROGRAM is missing: apt-get install PACKAGE", and EXIT_IO. */
int tool_missing(const char *program, const char *package, const char *what_for);
/* unpack_fn; files in /tmp. */
bool tool_unpack(const char *tool, const void *data, size_t n, struct strbuf *ret);
/* The guest program: the user's, the build's, or compiled from source to `made`. Its path into ret. An exit status. */
int tool_guest_program(const struct guest_options *o, const char *made, char ret[4096]);
/* An empty ext4 file system of `mib` in the file `path`, the same bytes each time. An exit status. */
int tool_make_ext4(const char *path, uint64_t mib);

#endif
