/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cases that the list itself marks as suitable in part or not at all; here so that none is lost from sight. */
#include "tests/conformance/conformance.h"

CONF_TABLE(conf_partly, "suitable in part or not at all, by the list's own mark",
	{ "KST-MC-01", "cgroup.controllers follows subtree_control", NULL, "controllers are not delegated here" },
	{ "KST-MC-02d", "memory.peak is reset by file descriptor", NULL, "needs open files" },
	{ "KST-MC-09c", "memory.swap.peak is reset by file descriptor", NULL, "needs open files" },
	{ "KST-MC-11", "socket buffers", NULL, "needs sockets" },
	{ "KST-KM-01", "slab answers to memory.high", NULL, "slab is not charged to cgroups here" },
	{ "KST-KM-03", "kernel stacks of 1000 threads", NULL, "kernel stacks are not charged to cgroups here" },
	{ "KST-ZS-06", "zswap is charged", NULL, "needs zswap" },
	{ "KST-ZS-07", "zswap of each cgroup by itself", NULL, "needs zswap" },
	{ "LTP-OOM-01e", "KSM", NULL, "pages are not merged here" },
	{ "LTP-MMC-01", "max_map_count", NULL, "mappings are not counted here" },
	{ "LTP-V1-FORCE", "memory.force_empty", NULL, "no such file here" },
	{ "LTP-V1-MOVE", "move_charge_at_immigrate", NULL, "tasks cannot be moved here" },
	{ "LTP-REG-04", "swapoff under a limit", NULL, "no swapoff here" },
	{ "LTP-STR-01", "150 cgroups for a quarter of an hour", NULL, "a stress test without figures of its own" },
	{ "LTP-MADV-01", "MADV_FREE under a limit", NULL, "needs what single pages hold" },
	{ "LTP-MADV-03", "MAP_DROPPABLE", NULL, "no such mappings here" },
	{ "LTP-MADV-04", "MADV_WILLNEED of swap", NULL, "no such advice here" },
	{ "LTP-CPM-01", "cpuset.memory_pressure", NULL, "no such file here" },
	{ "KDOC-LRU-01", "target ratio of the inactive list", NULL, "not asked yet" },
	{ "KDOC-MG-01", "min_ttl_ms kills instead of thrashing", NULL, "not asked yet" },
	{ "KDOC-MG-02", "lru_gen/enabled reads back as a mask", NULL, "files are not read here" },
	{ "KDOC-OOM-04", "oom_adj maps to oom_score_adj", NULL, "processes have oom_score_adj alone here" },
	{ "KDOC-ZR-01", "size of zram", NULL, "needs zram" },
	{ "KDOC-PSI-03", "PSI triggers", NULL, "nobody listens to triggers here" });
