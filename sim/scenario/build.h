/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From tree to sim_config: what the build_*.c files share. A mapping is read by a table of its keys; a row says where the
 * value goes, how it is read and between which bounds it must lie. Everything reports and carries on; whether the load
 * failed is asked once, of the diagnostics.
 */
#ifndef OOMSIM_SCENARIO_BUILD_H
#define OOMSIM_SCENARIO_BUILD_H

#include "sim/core/diag.h"
#include "sim/scenario/preset.h"
#include "sim/scenario/quantity.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/yaml.h"
#include "sim/world/config.h"

#define MAX_BYTES     ((int64_t)128 << 40) /* the user half of an x86-64 address space */
#define MAX_PAGES     (UINT64_C(1) << 31)  /* frames, slots and file pages are counted in 32 bits by the engine */
#define MAX_TIME      ((int64_t)36500 * 86400 * 1000000000) /* a century in ns */
#define MAX_PROCESSES 32768                                 /* pid_max of a small machine */
#define MAX_REGIONS   256                                   /* region names of one process */

/* Process `waits` of the list starts when process `first` has ended with exit code 0. */
struct after_link {
	size_t waits, first;
	struct after_link *next;
};

struct build {
	struct ytree *t;
	struct diag_list *dl;
	struct preset_source presets;
	struct qctx q; /* page size and memory, once known */
	struct sim_config *c;
	const struct ynode **named; /* names of processes that steps want, to be checked when all processes are known */
	size_t nnamed;
	struct after_link *after; /* newest first */
	bool damaged; /* the tree has holes where something was refused: no checks that follow a program from step to step */
};

struct key;
typedef void key_fn(struct build *b, const struct ynode *v, void *field, const struct key *k);

/* One key of a mapping. min and max are in the unit of the field. */
struct key {
	const char *name;
	key_fn *set; /* NULL: no key of this mapping; `words` are where one of that name belongs, for who writes it here */
	size_t off; /* of the field in the object being filled */
	int64_t min, max;
	const char *words; /* set_choice: the words, as "anon|file|shmem" */
	bool required;
};

#define B_ERR(b, at, hint, ...) ynode_error((b)->t, (b)->dl, (at), (hint), __VA_ARGS__)
/* Once a value was refused its kind is Y_BAD or an error stands in the list; builders need no return codes. */

/* Read mapping n into obj. `what` completes "unknown key 'x' in WHAT". Returns a bit for each key of the table that was
 * given (bit i for keys[i]; tables have at most 64 rows). */
uint64_t build_map(struct build *b, const struct ynode *n, const char *what, const struct key *keys, size_t nkeys,
		   void *obj);

/* Array of a sequence's n elements, zeroed; n = 0 with an error if v is no sequence, NULL without memory. */
void *build_array(struct build *b, const struct ynode *v, size_t size, const char *of, size_t *ret_n);
bool want_map(struct build *b, const struct ynode *v, const char *what);
bool want_scalar(struct build *b, const struct ynode *v, const char *form);

/* Readers of values; the type of the field is in the comment. */
key_fn set_nothing;    /* a section that somebody else reads */
key_fn set_bool;       /* bool */
key_fn set_uint;       /* unsigned */
key_fn set_int;        /* int */
key_fn set_u64;        /* uint64_t */
key_fn set_i64;        /* int64_t */
key_fn set_size;       /* uint64_t, bytes */
key_fn set_pages;      /* uint64_t, pages; given as a size, rounded up */
key_fn set_batch;      /* uint64_t, pages; given as a size with a unit */
key_fn set_time;       /* sim_ns */
key_fn set_random;     /* struct sim_dist of a time */
key_fn set_random_share; /* struct sim_dist of a share of a page, in bytes */
key_fn set_rate;       /* double, bytes/s */
key_fn set_pages_rate; /* double, pages/s */
key_fn set_bandwidth;  /* uint64_t, bytes/s */
key_fn set_share;      /* double, 0..1 */
key_fn set_number;     /* double; bounds in thousandths */
key_fn set_choice;     /* int or enum: index of the word */
key_fn set_text;       /* char[max + 1], at least min bytes */

/* The sections, in the order they are built. */
void build_machine(struct build *b, const struct ynode *n);                  /* NULL: none given */
void build_nodes(struct build *b, const struct ynode *n, bool memory_given); /* build_zones.c */
void build_zone_defaults(struct build *b);
void build_swap(struct build *b, const struct ynode *n); /* build_devices.c */
key_fn set_zram;                                         /* build_zram.c: struct swap_cfg */
key_fn set_zswap;                                        /* struct zswap_cfg */
void check_zswap(struct build *b, const struct ynode *n);
key_fn set_contents;                                     /* struct contents_cfg */
void build_contents(struct build *b, const struct ynode *n);
void build_disks(struct build *b, const struct ynode *n);
void build_files(struct build *b, const struct ynode *n);
void build_sysctls(struct build *b, const struct ynode *n); /* build_sysctl.c */
void build_lru_gen(struct build *b, const struct ynode *n);
bool build_sysctl(struct build *b, const struct ynode *name, const struct ynode *v, unsigned *ret_index, int64_t *ret);
void build_cgroups(struct build *b, const struct ynode *n); /* build_cgroups.c */
/* build_numa.c. A list of nodes that the machine has; false, with an error: it is none. */
bool build_nodemask(struct build *b, const struct ynode *v, const struct key *k, nodemask_t *ret);
key_fn set_mempolicy; /* struct mempolicy_cfg */
/* A cgroup's cpuset.mems against its parents', a process's policy against its cgroup's cpuset. */
void check_cpuset_mems(struct build *b, const struct ynode *v, uint32_t cgroup);
void check_mempolicy(struct build *b, const struct ynode *v, const struct process_cfg *p);
key_fn set_cgroup; /* uint32_t, number of the cgroup of a path */
key_fn set_process_name; /* char[SIM_COMM_LEN]; checked by build_check_names() (build_expect.c) */
void build_check_names(struct build *b);
/* What `value` means to file `name`. False, with an error: there is no such file. */
bool build_cgroup_value(struct build *b, const struct ynode *name, const struct ynode *v, enum cgroup_file *ret_file, int64_t *ret);
/* build_kubernetes.c. The first makes the lists that the second adds to: a scenario with `kubernetes` need not have them. */
void kubernetes_sections(struct build *b, struct ynode *root);
void build_kubernetes(struct build *b, struct ynode *root, const struct ynode *n);
void build_processes(struct build *b, const struct ynode *n);
/* Before the processes are built: entry `waits` of their list is to wait for entry `first`. */
void build_after(struct build *b, size_t waits, size_t first);
void build_program(struct build *b, const struct ynode *n, struct program_cfg *ret);
void build_expect(struct build *b, const struct ynode *n);

/* Checks that need more than one value. */
/* Warnings about values without effect, of the first n cgroups of a list that was built without error (check_cgroups.c). */
void check_cgroups(struct build *b, const struct ynode *list, size_t n);
void check_program(struct build *b, const struct ynode *process, const struct process_cfg *p); /* check_program.c */

#endif
