/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A folder that appears whole or not at all: it is filled under a temporary name beside the target and renamed when it is
 * complete and on the disk.
 */
#ifndef OOMSIM_SINK_FOLDER_H
#define OOMSIM_SINK_FOLDER_H

#include "sim/sink/out.h"

struct folder {
	char *target; /* as given, without a slash at the end; a symbolic link is followed */
	char *parent;
	char *tmp;  /* NULL: nothing there (any more) */
	char *made; /* the topmost parent that we made ourselves, or NULL */
	int fd;     /* the temporary folder; -1: none */
};

/* Make the temporary folder, and missing parents. Refuses a target that exists and is neither empty nor a result folder (one
 * with a summary.json): whatever it is, it is not ours to replace. SIM_OK, or a code with *e filled in. */
int folder_open(struct folder *f, const char *target, struct sink_error *e);
/* Flush it to disk and put it in the target's place; what was there is removed. */
int folder_commit(struct folder *f, struct sink_error *e);
/* Remove the temporary folder and the parents made for it. Fine at any time. */
void folder_drop(struct folder *f);
void folder_free(struct folder *f); /* drops first */

#endif
