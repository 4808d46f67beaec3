/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * struct sim_config: what a scenario means once it has been read and checked. The engine knows nothing else about a
 * scenario; it holds no parser types, no text positions and no file names. sim_config_free() releases all of it.
 *
 * Sizes are bytes until the world divides them by the page size; times are ns.
 */
#ifndef OOMSIM_WORLD_CONFIG_H
#define OOMSIM_WORLD_CONFIG_H

#include "sim/core/rng.h"
#include "sim/core/units.h"

#define SIM_COMM_LEN 16 /* TASK_COMM_LEN: 15 characters and a NUL */
#define SIM_NAME_LEN 64
#define SIM_AUTO     INT64_MIN /* "not given": the kernel's own default applies */
#define MAX_ZONES    3         /* DMA, DMA32, NORMAL of one node (the x86-64 zones that may hold pages) */
#define MAX_NODES    8

typedef uint32_t nodemask_t; /* NUMA nodes: bit n is node n */

/* vm.* sysctls, kernel names with dots as underscores; SIM_AUTO where the kernel computes the default. */
#define SYSCTL_MAP(X)                                                                                                  \
	/* name, default, min, max, unit, help */                                                                      \
	X(swappiness, 60, 0, 200, "weight", "how much anonymous memory is reclaimed against file pages (k5.10 and later: 0..200)") \
	X(overcommit_memory, 0, 0, 2, "mode", "0 heuristic, 1 always, 2 never")                                        \
	X(overcommit_ratio, 50, 0, 1000000, "percent", "mode 2: share of RAM that may be committed")                   \
	X(overcommit_kbytes, 0, 0, INT64_C(1) << 40, "kB", "mode 2: overrides overcommit_ratio when not 0")            \
	X(admin_reserve_kbytes, SIM_AUTO, 0, INT64_C(1) << 40, "kB", "modes 2: kept from users without CAP_SYS_ADMIN") \
	X(user_reserve_kbytes, SIM_AUTO, 0, INT64_C(1) << 40, "kB", "mode 2: kept from a single process")              \
	X(panic_on_oom, 0, 0, 2, "mode", "0 kill, 1 panic on a global OOM, 2 panic on every OOM")                      \
	X(oom_kill_allocating_task, 0, 0, 1, "flag", "kill the task that asked instead of the worst")                  \
	X(oom_dump_tasks, SIM_AUTO, 0, 1, "flag", "print the task table in the report (1; kernels before 2.6.36: 0)")         \
	X(min_free_kbytes, SIM_AUTO, 1, INT64_C(1) << 40, "kB", "sets the min watermark")                              \
	X(watermark_scale_factor, 10, 1, 3000, "1/10000", "distance between the watermarks")                           \
	X(watermark_boost_factor, 15000, 0, 100000, "1/10000", "boost of the watermarks after fragmentation")          \
	X(dirty_ratio, 20, 0, 100, "percent", "writers are throttled above this share of dirtyable memory")            \
	X(dirty_background_ratio, 10, 0, 100, "percent", "the flusher starts above this share")                        \
	X(dirty_bytes, 0, 0, INT64_C(1) << 50, "bytes", "overrides dirty_ratio when not 0")                            \
	X(dirty_background_bytes, 0, 0, INT64_C(1) << 50, "bytes", "overrides dirty_background_ratio when not 0")      \
	X(dirty_expire_centisecs, 3000, 0, INT64_C(1) << 31, "1/100 s", "dirty data older than this is written")       \
	X(dirty_writeback_centisecs, 500, 0, INT64_C(1) << 31, "1/100 s", "period of the flusher; 0 turns it off")     \
	X(page_cluster, 3, 0, 10, "log2 pages", "swap read-ahead window (page-cluster)")                               \
	X(vfs_cache_pressure, 100, 0, 10000, "percent", "weight of dentries and inodes in slab reclaim")

struct sysctl_cfg {
#define X(name, def, min, max, unit, help) int64_t name;
	SYSCTL_MAP(X)
#undef X
};

/* /sys/kernel/mm/lru_gen: the multi-generational LRU. */
struct lru_gen_cfg {
	int64_t enabled;    /* bits 1 core, 2 page-table walks, 4 non-leaf accessed bits; SIM_AUTO: the kernel model's default */
	int64_t min_ttl_ms; /* the youngest working set that reclaim may not break; 0: off */
};

/* CPU time of one operation, ns. A preset fills these; the defaults are those of a 3 GHz server core. */
#define COST_MAP(X)                                                                                                    \
	/* name, default ns, help */                                                                                   \
	X(touch, 4, "one user access to a resident page, with the loop around it")                                     \
	X(fault_anon, 500, "minor fault that takes and clears a new anonymous page")                                   \
	X(fault_shmem, 700, "minor fault that creates a shared-memory page")                                           \
	X(fault_map, 300, "minor fault that maps a page already in a cache")                                           \
	X(fault_cow, 700, "write fault that copies a shared page")                                                     \
	X(fault_wp, 250, "write fault that finds its page unshared and makes it writable")                              \
	X(map_around_page, 60, "mapping one more cached page around a fault (fault-around)")                            \
	X(fault_swapin, 1500, "CPU part of a fault that reads a page from swap")                                       \
	X(fault_file, 1500, "CPU part of a fault that reads a page from a file")                                       \
	X(swap_readahead_page, 400, "each further page brought in by swap read-ahead")                                 \
	X(pagetable_alloc, 400, "a new page-table page")                                                               \
	X(scan_page, 150, "reclaim: isolating one page and testing its references")                                    \
	X(deactivate_page, 120, "reclaim: moving one page from the active to the inactive list")                       \
	X(sort_page, 40, "mglru: moving one page from the oldest generation to another")                               \
	X(age_entry, 3, "mglru: aging: looking at one page-table entry")                                               \
	X(age_page, 60, "mglru: aging: promoting one page that was used")                                              \
	X(unmap_page, 150, "reclaim: removing one page's mappings")                                                    \
	X(free_file_page, 120, "reclaim: dropping one clean file page")                                                \
	X(free_anon_page, 150, "reclaim: dropping one clean swap-cache page")                                          \
	X(swapout_page, 700, "reclaim: taking a swap slot and starting the write")                                     \
	X(reclaim_round, 1500, "one pass of direct reclaim or kswapd over the lists, whatever it finds")               \
	X(alloc_slowpath, 800, "one round of the allocator's slow path apart from reclaim")                            \
	X(io_submit, 800, "handing one request to a device")                                                           \
	X(io_complete, 900, "a device's interrupt for one request")                                                    \
	X(io_complete_page, 60, "ending read or write of one page of a request")                                       \
	X(read_call, 300, "entering and leaving one read() or write()")                                                \
	X(read_page, 250, "copying one page from the page cache")                                                      \
	X(write_page, 500, "copying one page into the page cache and marking it dirty")                                \
	X(readahead_page, 400, "allocating one page and adding it to the page cache")                                  \
	X(syscall, 150, "any other system call")                                                                       \
	X(mmap_call, 1200, "mmap(), munmap() or mlock() apart from their pages")                                       \
	X(mlock_page, 150, "locking one resident page")                                                                \
	X(zap_page, 120, "unmapping and freeing one page at exit or munmap()")                                         \
	X(zap_shmem_page, 250, "truncating one page of shared memory")                                                 \
	X(zap_swap, 100, "freeing one swap entry at exit or munmap()")                                                 \
	X(fork_call, 60000, "fork() apart from its page tables")                                                       \
	X(fork_page, 40, "copying one page-table entry")                                                               \
	X(exec_call, 300000, "execve() and the start of a program")                                                    \
	X(exit_call, 60000, "exit apart from the memory")                                                              \
	X(context_switch, 1500, "switching from one task to another")                                                  \
	X(timer, 1500, "a timer interrupt that wakes a task")                                                          \
	X(oom_scan_task, 150, "oom_badness() of one task")                                                             \
	X(oom_report, 0, "printing the fixed part of an OOM report to the consoles")                                   \
	X(oom_report_task, 0, "printing one row of the task table")

struct cost_cfg {
#define X(name, def, help) sim_ns name;
	COST_MAP(X)
#undef X
};

/* A zone of node 0..nnode-1, pages. zone 0 DMA, 1 DMA32, 2 NORMAL. managed 0: the zone is empty. */
struct zone_cfg {
	sim_pages present, managed;
	int64_t free;           /* free pages when the scenario starts; SIM_AUTO: managed less an even share of the kernel's own use */
	int64_t pcp_high, pcp_batch; /* per-CPU list limits; SIM_AUTO: computed as the kernel does */
	int64_t pcp_kernel;     /* pages on the per-CPU lists of unmovable memory when the scenario starts; not in free */
};

struct node_cfg {
	struct zone_cfg zone[MAX_ZONES];
};

/* A block device. All times ns, rates bytes/s. */
struct blkdev_cfg {
	char name[SIM_NAME_LEN];
	sim_ns read_latency, write_latency; /* service time of one request, apart from its bytes */
	sim_ns seek;              /* added when a request does not follow the one before it on the medium */
	uint64_t read_bandwidth, write_bandwidth; /* 0: unlimited */
	unsigned queue_depth;     /* requests in flight at the device, at least 1 */
	unsigned nr_requests;     /* requests that may wait in the scheduler per direction before submitters block; 0: none (no scheduler) */
	unsigned max_sectors_kb;  /* largest request after merging */
	sim_ns throttle_tick;     /* null_blk's mbps: bandwidth is given out once per tick; 0: spread evenly */
	bool rotational;
};

/* A swap area (swapon). */
struct swap_cfg {
	struct blkdev_cfg dev;
	uint64_t size;     /* bytes, header page included */
	int64_t priority;  /* SIM_AUTO: -2, -3, ... in order, as the kernel assigns */
};

/* A file on a disk. Contents are all on the disk at start, none cached. */
struct file_cfg {
	char name[SIM_NAME_LEN];
	uint32_t disk; /* index into machine_cfg.disks */
	uint64_t size; /* bytes */
};

struct machine_cfg {
	char preset[SIM_NAME_LEN]; /* for the reader; "" if none */
	char release[SIM_NAME_LEN]; /* uname -r as kern.log prints it; "" : the kernel model's own */
	char hardware[128];        /* "Hardware name:" of kern.log */
	unsigned ncpu;             /* 1..256 */
	uint64_t memory;           /* bytes of RAM, as a buyer counts */
	uint64_t page_size;        /* 4096, or larger powers of two up to 2 MiB */
	unsigned hz;               /* timer ticks a second: 100, 250, 300, 1000 */
	unsigned nnode;
	struct node_cfg node[MAX_NODES];
	/* What the kernel itself holds when the scenario starts, pages; part of managed - free. */
	sim_pages slab_reclaimable, slab_unreclaimable, kernel_stack, pagetables;
	sim_pages unevictable;     /* mlocked by init and the like; on the unevictable list */
	sim_pages slab_freeable;   /* part of slab_reclaimable that shrinkers can free: dentries and inodes not in use */
	sim_pages balloon;         /* held by a balloon driver that gives 256 pages back whenever the OOM killer is about to run
				    * (virtio_balloon with VIRTIO_BALLOON_F_DEFLATE_ON_OOM): the notifier chain's stand-in */
	/* What each process costs the kernel besides its page tables: */
	uint64_t process_kernel_stack, process_slab; /* bytes each */
	struct cost_cfg cost;
	struct swap_cfg *swap;
	size_t nswap;
	struct blkdev_cfg *disk;
	size_t ndisk;
	struct file_cfg *file;
	size_t nfile;
};

/* The files of a memory cgroup that a scenario may write: id, name, cgroup version, what its value is, help. */
enum cgroup_value {
	CG_BYTES,
	CG_FLAG,
	CG_ACTION, /* bytes; only written by a step, for what it does */
	CG_NODES,  /* a nodemask_t; only set at the start */
};
#define CGROUP_ANY_VERSION 0
#define CGROUP_FILE_MAP(X)                                                                                             \
	X(MAX, "memory.max", 2, CG_BYTES, "hard limit: above it the cgroup reclaims from itself, then kills in itself")   \
	X(HIGH, "memory.high", 2, CG_BYTES, "above it the cgroup reclaims and its tasks are slowed down")                 \
	X(LOW, "memory.low", 2, CG_BYTES, "reclaim spares so much while there is anything else")                          \
	X(MIN, "memory.min", 2, CG_BYTES, "reclaim spares so much, whatever comes")                                       \
	X(SWAP_MAX, "memory.swap.max", 2, CG_BYTES, "hard limit of swap")                                                 \
	X(SWAP_HIGH, "memory.swap.high", 2, CG_BYTES, "above so much swap the cgroup's tasks are slowed down")            \
	X(OOM_GROUP, "memory.oom.group", 2, CG_FLAG, "if one dies, all die")                                              \
	X(LIMIT, "memory.limit_in_bytes", 1, CG_BYTES, "hard limit")                                                      \
	X(SOFT_LIMIT, "memory.soft_limit_in_bytes", 1, CG_BYTES, "global reclaim goes first to who exceeds it most")      \
	X(OOM_CONTROL, "memory.oom_control", 1, CG_FLAG, "1: nobody is killed, tasks wait at the limit (oom_kill_disable)") \
	X(RECLAIM, "memory.reclaim", 2, CG_ACTION, "so much is reclaimed at once, or EAGAIN")                              \
	X(MAX_USAGE, "memory.max_usage_in_bytes", 1, CG_ACTION, "the peak becomes what is used now")    \
	X(MEMSW, "memory.memsw.limit_in_bytes", 1, CG_BYTES, "hard limit of memory and swap together")                     \
	X(MEMSW_MAX_USAGE, "memory.memsw.max_usage_in_bytes", 1, CG_ACTION, "its peak becomes what is used now")     \
	X(CPUSET_MEMS, "cpuset.mems", CGROUP_ANY_VERSION, CG_NODES, "memory nodes that its tasks may use; empty: the parent's")
enum cgroup_file {
#define X(id, name, version, value, help) CGF_##id,
	CGROUP_FILE_MAP(X)
#undef X
	CGF_COUNT
};
#define CGROUP_PATH_LEN  256
#define CGROUP_UNLIMITED INT64_MAX /* "max", or -1 in v1 */
#define MAX_CGROUPS      1024

/* A memory cgroup. Cgroups are numbered from 1, 0 is the root; a parent comes before its children. */
struct cgroup_cfg {
	char path[CGROUP_PATH_LEN]; /* "/a/b" */
	uint32_t parent;
	int64_t value[CGF_COUNT];   /* bytes, 0 or 1, or nodes; SIM_AUTO: not given */
};

enum region_kind { REGION_ANON, REGION_FILE, REGION_SHMEM };
enum access_pattern { PATTERN_SEQUENTIAL, PATTERN_UNIFORM, PATTERN_ZIPF, PATTERN_HOTCOLD };

/* The steps of a workload program, by the names a scenario uses. */
#define STEP_MAP(X)                                                                                                    \
	X(MMAP, "mmap", "map a region: anonymous, of a file, or shared memory; touches nothing")                       \
	X(GROW, "leak", "grow a region at its end, writing each new page, at a rate or as fast as it goes")            \
	X(TOUCH, "touch", "access pages of a region by a pattern")                                                     \
	X(READ, "read", "read a file through the page cache")                                                          \
	X(WRITE, "write", "write a file through the page cache")                                                       \
	X(MLOCK, "mlock", "lock one region, or all present and future ones (mlockall)")                                \
	X(MUNLOCK, "munlock", "undo mlock")                                                                            \
	X(MUNMAP, "munmap", "unmap a region or the top of it")                                                         \
	X(MADVISE, "madvise", "MADV_DONTNEED or MADV_FREE on a region or the top of it")                               \
	X(FORK, "fork", "fork children that run their own steps (copy-on-write)")                                      \
	X(VFORK, "vfork", "a child that shares the address space while the parent waits")                              \
	X(CLONE_VM, "clone_vm", "a child process that shares the address space and runs beside the parent")            \
	X(SLEEP, "sleep", "sleep, a fixed or random time")                                                             \
	X(SPIN, "spin", "use the CPU without touching memory")                                                         \
	X(LOOP, "loop", "repeat steps a number of times or for ever")                                                  \
	X(CHOOSE, "choose", "take one of several branches, by weight")                                                 \
	X(SET_ADJ, "oom_score_adj", "write /proc/self/oom_score_adj")                                                  \
	X(SYSCTL, "sysctl", "write a vm.* sysctl")                                                                     \
	X(WAIT, "wait", "wait until all children have exited")                                                         \
	X(EXIT, "exit", "leave with an exit code")                                                                     \
	X(CGROUP_WRITE, "cgroup_write", "write a file of a memory cgroup")

enum step_op {
#define X(id, name, help) STEP_##id,
	STEP_MAP(X)
#undef X
	STEP_OP_COUNT
};

struct step_cfg;

struct program_cfg {
	struct step_cfg *step;
	size_t nstep;
};

/* One step. Only the fields named for its op are read; others are zero. */
struct step_cfg {
	enum step_op op;
	unsigned line; /* of the scenario file, for messages about a step that fails at run time */
	char region[SIM_NAME_LEN]; /* MMAP GROW TOUCH MLOCK MUNLOCK MUNMAP MADVISE: the region's name; "" for MLOCK/MUNLOCK: all */
	/* MMAP */
	enum region_kind kind;
	bool shared, noreserve, readonly, exec; /* MAP_SHARED, MAP_NORESERVE, PROT_READ alone, PROT_EXEC text */
	uint64_t count;     /* MMAP: how many mappings of `size` (region names are then NAME, NAME.1, ...); FORK: children */
	/* MMAP FILE regions, READ, WRITE: index into machine_cfg.file */
	uint32_t file;
	/* sizes in bytes. MMAP: of the mapping; GROW: how much to add (0: for ever); TOUCH READ WRITE: the part used, from
	 * offset (0: all); MUNMAP MADVISE: how much from the end (0: all) */
	uint64_t size, offset;
	/* GROW */
	uint64_t map_step;  /* bytes added per mmap() as an allocator does; 0: 2 MiB */
	/* GROW TOUCH READ WRITE: pacing */
	double rate;        /* GROW READ WRITE: bytes/s; TOUCH: pages/s; 0: as fast as it goes */
	uint64_t batch;     /* pages done between two looks at the clock; 0: chosen from the rate (rate/500, 1..256 pages; unpaced GROW 64, TOUCH 32) */
	sim_ns catch_up;    /* lateness beyond which lost time is not made good; default 10 ms */
	sim_ns duration;    /* TOUCH READ WRITE: stop after so long; 0: no limit */
	uint64_t accesses;  /* TOUCH READ WRITE: stop after so many pages; 0: no limit. Neither given: one pass over the part */
	struct sim_dist think; /* TOUCH READ WRITE: pause after each batch; constant 0 for none */
	/* TOUCH READ WRITE */
	enum access_pattern pattern;
	double zipf_s;      /* PATTERN_ZIPF: exponent, > 0; rank r has weight 1/r^s */
	double hot_fraction, hot_weight; /* PATTERN_HOTCOLD: share of pages that is hot, share of accesses that go there */
	bool write;         /* TOUCH: write accesses */
	bool read_first;    /* TOUCH: each access is a load and then a store (x = *p; *p = x + 1): a missing page faults twice */
	uint64_t io_size;   /* READ WRITE: bytes a call; 0: 64 KiB sequential, one page otherwise */
	/* MADVISE */
	bool madv_free;     /* MADV_FREE, else MADV_DONTNEED */
	/* SLEEP SPIN; FORK: gap between children */
	struct sim_dist time;
	/* FORK VFORK CLONE_VM: the children's program; LOOP: the body */
	struct program_cfg body;
	char child_comm[SIM_COMM_LEN]; /* "": PARENT.N for FORK, the parent's own for VFORK and CLONE_VM */
	/* LOOP: count in `count`, 0 = for ever */
	/* CHOOSE */
	struct program_cfg *branch;
	double *weight;
	size_t nbranch;
	/* SET_ADJ, EXIT (code 0..255), SYSCTL (value) */
	int64_t value;
	unsigned sysctl;    /* SYSCTL: index in SYSCTL_MAP order */
	/* CGROUP_WRITE (value) */
	uint32_t cgroup;
	enum cgroup_file cgroup_file;
};

enum sim_capability { CAP_SYS_ADMIN_BIT = 1, CAP_SYS_RAWIO_BIT = 2, CAP_SYS_RESOURCE_BIT = 4, CAP_IPC_LOCK_BIT = 8 };

/* set_mempolicy(2): where a process's memory comes from. */
enum mempolicy_mode {
	MPOL_DEFAULT,    /* the node of the CPU it runs on, then the others */
	MPOL_PREFERRED,  /* this node, then the others */
	MPOL_BIND,       /* these nodes and no other */
	MPOL_INTERLEAVE, /* these nodes in turn; when one is full, the others */
};

struct mempolicy_cfg {
	enum mempolicy_mode mode;
	nodemask_t nodes; /* not empty, but for MPOL_DEFAULT */
};

enum restart_policy { RESTART_NEVER, RESTART_ON_FAILURE, RESTART_ALWAYS };
#define RESTART_DELAYS 8

/* What a container runtime does when the first process of a container has ended. */
struct restart_cfg {
	enum restart_policy policy;
	sim_ns delay[RESTART_DELAYS]; /* before restart 1, 2, ... in a row; the last for all further */
	sim_ns forget;                /* who ran so long begins at delay[0] again */
};

struct process_cfg {
	char comm[SIM_COMM_LEN];
	uint64_t count;          /* instances: COMM, then COMM.1 ... when more than one */
	uint32_t uid;
	unsigned capabilities;   /* enum sim_capability bits; uid 0 has all unless the scenario says otherwise */
	int nice;                /* -20..19 */
	unsigned rt_priority;    /* 0: SCHED_OTHER; 1..99: SCHED_FIFO */
	int oom_score_adj;       /* -1000..1000 */
	unsigned threads;        /* 1..1024; all run the same program, the work is shared */
	int64_t parent;          /* index of the parent process, or -1: init */
	uint32_t cgroup;         /* number of its memory cgroup; children inherit it */
	struct mempolicy_cfg mempolicy; /* children inherit it */
	struct sim_dist start;   /* time of the start; with `after`, from then on */
	uint32_t after;          /* 1 + index of a process that must have ended with exit code 0 before; 0: none */
	bool is_init;            /* this process is PID 1 (at most one; otherwise an idle one is implied) */
	uint64_t exe_size;       /* bytes of program text and data in memory that the process maps at start (resident, shared, locked) */
	uint64_t exe_private;    /* bytes of private memory every process has touched when its program begins (stack, data) */
	uint64_t exe_vm;         /* bytes of address space besides the regions (for total_vm) */
	uint64_t exe_commit;     /* of those, bytes that count in Committed_AS besides exe_private: writable data, heap, the rest of the stack */
	struct restart_cfg restart;
	struct program_cfg program;
};

/* expect: what a run must show. */
struct expect_kill {
	char comm[SIM_COMM_LEN];
	sim_ns after, before;    /* kill time bounds; 0 and SIM_NEVER when not given */
};

struct expect_cfg {
	bool present;
	bool has_victims;        /* the list below is the whole list of kernel kills, in order */
	struct expect_kill *victim;
	size_t nvictim;
	char (*not_killed)[SIM_COMM_LEN];
	size_t nnot_killed;
	bool has_ended;
	int ended;               /* enum run_end (world.h) */
	sim_ns first_kill_after, first_kill_before; /* 0 and SIM_NEVER when not given */
};

struct kernel_model; /* models/kernel/kernel.h; the registry owns it */

struct sim_config {
	char name[SIM_NAME_LEN];
	char *description; /* owned; may be NULL */
	uint64_t seed;
	sim_ns horizon;    /* the run ends here at the latest */
	bool stop_when_idle; /* also end when no process but init is left */
	sim_ns sample;     /* period of timeline.csv */
	const struct kernel_model *kernel;
	bool per_access;   /* visit every access instead of drawing faults: the slow reference mode */
	struct machine_cfg machine;
	struct sysctl_cfg sysctl;
	struct lru_gen_cfg lru_gen;
	unsigned cgroup_version;     /* 1 or 2 */
	bool memory_recursiveprot;   /* mount option of cgroup2 */
	struct cgroup_cfg *cgroup;   /* [i] is number i + 1 */
	size_t ncgroup;
	struct process_cfg *process;
	size_t nprocess;
	struct expect_cfg expect;
};

/* All fields at the documented defaults, no processes, no kernel. */
void sim_config_init(struct sim_config *c);
/* Frees what the config owns, not *c itself. */
void sim_config_free(struct sim_config *c);
/* Fill node[] from memory, page_size and nnode the way a PC's firmware and kernel would: DMA 16 MiB, DMA32 to the 3 GiB PCI
 * hole, NORMAL the rest; managed is present less the kernel image and the memory map. Zones already given are kept. */
void sim_config_zones_from_memory(struct sim_config *c);
extern const struct cgroup_file_desc {
	const char *name;
	unsigned version; /* of cgroups; CGROUP_ANY_VERSION: both have it */
	enum cgroup_value value;
} cgroup_file_desc[CGF_COUNT];
#define NODELIST_LEN 16
/* nodes as the kernel prints them, "0-1,3", into buf, which is returned. */
const char *nodemask_show(char buf[NODELIST_LEN], nodemask_t nodes);
/* Bytes of host memory that world_new() will take for this scenario; SIM_ETOOBIG's figure. */
uint64_t sim_config_host_bytes(const struct sim_config *c);

#endif
