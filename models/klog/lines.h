/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lines of an OOM report and how each changed over the years: one group a kind of line, in the order of a report, the
 * variants named after the first version that has them. Specification G.13; those of 2.6.36, 3.16, 4.0, 4.9, 4.17, 4.19, 5.7,
 * 5.10, 5.15, 6.1, 6.6, 6.12 and 7.2 compared with logs of real machines (tests/models/klog_recorded.c, klog_reports.c).
 */
#ifndef OOMSIM_MODELS_KLOG_LINES_H
#define OOMSIM_MODELS_KLOG_LINES_H

#include "models/klog/klog.h"

/* ---- G.13.1: the request ---- */

#define INVOKED_2_6_11 "oom-killer: gfp_mask={gfp}\n"
#define INVOKED_2_6_24 "{comm} invoked oom-killer: gfp_mask={gfp}, order={order}, oomkilladj={oom_adj}\n"
#define INVOKED_2_6_32 "{comm} invoked oom-killer: gfp_mask={gfp}, order={order}, oom_adj={oom_adj}\n"
#define INVOKED_2_6_36                                                                                                           \
	"{comm} invoked oom-killer: gfp_mask={gfp}, order={order}, oom_adj={oom_adj_15}, oom_score_adj={oom_score_adj}\n"
#define INVOKED_3_10 "{comm} invoked oom-killer: gfp_mask={gfp}, order={order}, oom_score_adj={oom_score_adj}\n"
#define INVOKED_4_9                                                                                                              \
	"{comm} invoked oom-killer: gfp_mask={gfp}({gfp_names}), nodemask={nodemask_or_mems}, order={order}, oom_score_adj={oom_score_adj}\n"
#define INVOKED_4_14                                                                                                             \
	"{comm} invoked oom-killer: gfp_mask={gfp}({gfp_names}), nodemask={nodemask},  order={order}, oom_score_adj={oom_score_adj}\n"
#define INVOKED_4_15                                                                                                             \
	"{comm} invoked oom-killer: gfp_mask={gfp}({gfp_names}), nodemask={nodemask}, order={order}, oom_score_adj={oom_score_adj}\n"
#define INVOKED_5_0 "{comm} invoked oom-killer: gfp_mask={gfp}({gfp_names}), order={order}, oom_score_adj={oom_score_adj}\n"

#define CPUSET_2_6_30 "{comm} cpuset={cpuset} mems_allowed={mems_allowed}\n" /* .. 4.20 */

#define CPU_2_6_24    "Pid: {pid}, comm: {comm} Not tainted {release} #1\n" /* .. 3.8 */
#define CPU_3_10      "CPU: {cpu} PID: {pid} Comm: {comm} Not tainted {release} #1\n"
#define CPU_6_12      "CPU: {cpu} UID: {uid} PID: {pid} Comm: {comm} Not tainted {release} #1\n"
#define CPU_7_2       "CPU: {cpu} UID: {uid} PID: {pid} Comm: {comm} Not tainted {release} #1 PREEMPT(lazy)\n"
#define HARDWARE_3_10 "Hardware name: {hardware}\n"

/* ---- G.13.2: the machine ---- */

#define PCP_ZONE_2_6_11 "Node {node} {name} per-cpu:\n" /* .. 4.1 */
#define PCP_CPU_2_6_11  "cpu {cpu} hot: low {low}, high {high}, batch {batch}\ncpu {cpu} cold: low 0, high {cold_high}, batch {batch}\n"
#define PCP_CPU_2_6_24                                                                                                           \
	"CPU {cpu:4}: Hot: hi:{high:5}, btch:{batch:4} usd:{used:4}   Cold: hi:{cold_high:5}, btch:{cold_batch:4} usd:   0\n"
#define PCP_CPU_2_6_32 "CPU {cpu:4}: hi:{high:5}, btch:{batch:4} usd:{used:4}\n"

#define TOTALS_2_6_11                                                                                                            \
	"\nFree pages: {free_kB:11}kB (0kB HighMem)\n"                                                                           \
	"Active:{active} inactive:{inactive} dirty:{dirty} writeback:{writeback} unstable:{unstable} free:{free} slab:{slab} "   \
	"mapped:{mapped} pagetables:{pagetables}\n"
#define TOTALS_2_6_24                                                                                                            \
	"Active:{active} inactive:{inactive} dirty:{dirty} writeback:{writeback} unstable:{unstable}\n" KLOG_CONT                \
	" free:{free} slab:{slab} mapped:{mapped} pagetables:{pagetables} bounce:{bounce}\n"
#define TOTALS_ANON_FILE                                                                                                         \
	"active_anon:{active_anon} inactive_anon:{inactive_anon} isolated_anon:{isolated_anon}\n" KLOG_CONT                      \
	" active_file:{active_file} inactive_file:{inactive_file} isolated_file:{isolated_file}\n" KLOG_CONT
#define TOTALS_UNSTABLE " unevictable:{unevictable} dirty:{dirty} writeback:{writeback} unstable:{unstable}\n" KLOG_CONT
#define TOTALS_STABLE   " unevictable:{unevictable} dirty:{dirty} writeback:{writeback}\n" KLOG_CONT /* 5.8 */
#define TOTALS_SLAB     " slab_reclaimable:{slab_reclaimable} slab_unreclaimable:{slab_unreclaimable}\n" KLOG_CONT
#define TOTALS_MAPPED   " mapped:{mapped} shmem:{shmem} pagetables:{pagetables} bounce:{bounce}\n"
#define TOTALS_MISC     " kernel_misc_reclaimable:{kernel_misc_reclaimable}\n" KLOG_CONT /* 5.15 */
#define TOTALS_FREE     " free:{free} free_pcp:{free_pcp} free_cma:{free_cma}\n"
#define TOTALS_2_6_32                                                                                                            \
	TOTALS_ANON_FILE TOTALS_UNSTABLE                                                                                         \
		" free:{free} slab_reclaimable:{slab_reclaimable} slab_unreclaimable:{slab_unreclaimable}\n" KLOG_CONT TOTALS_MAPPED
#define TOTALS_3_10 TOTALS_2_6_32 KLOG_CONT " free_cma:{free_cma}\n"
#define TOTALS_4_4  TOTALS_ANON_FILE TOTALS_UNSTABLE TOTALS_SLAB TOTALS_MAPPED KLOG_CONT TOTALS_FREE
#define TOTALS_5_10 TOTALS_ANON_FILE TOTALS_STABLE TOTALS_SLAB TOTALS_MAPPED KLOG_CONT TOTALS_FREE
#define TOTALS_5_15 TOTALS_ANON_FILE TOTALS_STABLE TOTALS_SLAB TOTALS_MAPPED KLOG_CONT TOTALS_MISC TOTALS_FREE
#define TOTALS_6_1                                                                                                               \
	TOTALS_ANON_FILE TOTALS_STABLE TOTALS_SLAB                                                                               \
	" mapped:{mapped} shmem:{shmem} pagetables:{pagetables}\n" KLOG_CONT                                                     \
	" sec_pagetables:{sec_pagetables} bounce:{bounce}\n" KLOG_CONT TOTALS_MISC TOTALS_FREE

#define NODE_LRU                                                                                                                 \
	"Node {node} active_anon:{active_anon}kB inactive_anon:{inactive_anon}kB active_file:{active_file}kB "                   \
	"inactive_file:{inactive_file}kB unevictable:{unevictable}kB isolated(anon):{isolated_anon}kB "                          \
	"isolated(file):{isolated_file}kB mapped:{mapped}kB dirty:{dirty}kB writeback:{writeback}kB shmem:{shmem}kB "
#define NODE_THP_4_9 "shmem_thp: {shmem_thp}kB shmem_pmdmapped: {shmem_pmdmapped}kB anon_thp: {anon_thp}kB "
#define NODE_THP_6_6 "shmem_thp:{shmem_thp}kB shmem_pmdmapped:{shmem_pmdmapped}kB anon_thp:{anon_thp}kB "
#define NODE_TMP     "writeback_tmp:{writeback_tmp}kB "
#define NODE_STACK   "kernel_stack:{kernel_stack}kB "
#define NODE_PT      "pagetables:{pagetables}kB "
#define NODE_SEC     "sec_pagetables:{sec_pagetables}kB "
#define NODE_GIVEN_UP "all_unreclaimable? {all_unreclaimable}"
#define NODE_4_9     NODE_LRU NODE_THP_4_9 NODE_TMP "unstable:{unstable}kB pages_scanned:{pages_scanned} " NODE_GIVEN_UP "\n"
#define NODE_4_14    NODE_LRU NODE_THP_4_9 NODE_TMP "unstable:{unstable}kB " NODE_GIVEN_UP "\n"
#define NODE_5_10    NODE_LRU NODE_THP_4_9 NODE_TMP NODE_STACK NODE_GIVEN_UP "\n"
#define NODE_5_15    NODE_LRU NODE_THP_4_9 NODE_TMP NODE_STACK NODE_PT NODE_GIVEN_UP "\n"
#define NODE_6_1     NODE_LRU NODE_THP_4_9 NODE_TMP NODE_STACK NODE_PT NODE_SEC NODE_GIVEN_UP "\n"
#define NODE_6_6     NODE_LRU NODE_THP_6_6 NODE_TMP NODE_STACK NODE_PT NODE_SEC NODE_GIVEN_UP "\n"
#define NODE_7_2                                                                                                                 \
	NODE_LRU NODE_THP_6_6 NODE_STACK NODE_PT NODE_SEC NODE_GIVEN_UP                                                          \
	" Balloon:{balloon}kB gpu_active:{gpu_active}kB gpu_reclaim:{gpu_reclaim}kB\n"

#define ZONE_NAME  "Node {node} {name}"
#define ZONE_FREE  ZONE_NAME " free:{free}kB "
#define ZONE_MARKS "min:{min}kB low:{low}kB high:{high}kB "
#define ZONE_LRU                                                                                                                 \
	"active_anon:{active_anon}kB inactive_anon:{inactive_anon}kB active_file:{active_file}kB "                               \
	"inactive_file:{inactive_file}kB unevictable:{unevictable}kB "
#define ZONE_2_6_24                                                                                                              \
	ZONE_FREE ZONE_MARKS "active:{active}kB inactive:{inactive}kB present:{present}kB pages_scanned:{pages_scanned} "        \
			     "all_unreclaimable? {all_unreclaimable}\n"
#define ZONE_ISOLATED "isolated(anon):{isolated_anon}kB isolated(file):{isolated_file}kB "
#define ZONE_USES                                                                                                                \
	"mlocked:{mlocked}kB dirty:{dirty}kB writeback:{writeback}kB mapped:{mapped}kB shmem:{shmem}kB "                         \
	"slab_reclaimable:{slab_reclaimable}kB slab_unreclaimable:{slab_unreclaimable}kB kernel_stack:{kernel_stack}kB "         \
	"pagetables:{pagetables}kB unstable:{unstable}kB bounce:{bounce}kB "
#define ZONE_SCANNED                                                                                                             \
	"writeback_tmp:{writeback_tmp}kB pages_scanned:{pages_scanned} all_unreclaimable? {all_unreclaimable}\n"
#define ZONE_2_6_32 ZONE_FREE ZONE_MARKS ZONE_LRU ZONE_ISOLATED "present:{present}kB " ZONE_USES ZONE_SCANNED
#define ZONE_3_10                                                                                                                \
	ZONE_FREE ZONE_MARKS ZONE_LRU ZONE_ISOLATED "present:{present}kB managed:{managed}kB " ZONE_USES                         \
						    "free_cma:{free_cma}kB " ZONE_SCANNED
#define ZONE_4_4                                                                                                                 \
	ZONE_FREE ZONE_MARKS ZONE_LRU ZONE_ISOLATED "present:{present}kB managed:{managed}kB " ZONE_USES                         \
						    "free_pcp:{free_pcp}kB local_pcp:{local_pcp}kB free_cma:{free_cma}kB " ZONE_SCANNED
#define ZONE_WRITE   "writepending:{writepending}kB "
#define ZONE_SIZE    "present:{present}kB managed:{managed}kB mlocked:{mlocked}kB "
#define ZONE_PCP     "bounce:{bounce}kB free_pcp:{free_pcp}kB local_pcp:{local_pcp}kB free_cma:{free_cma}kB\n"
#define ZONE_SLAB    "slab_reclaimable:{slab_reclaimable}kB slab_unreclaimable:{slab_unreclaimable}kB "
#define ZONE_STACK   "kernel_stack:{kernel_stack}kB "
#define ZONE_PT      "pagetables:{pagetables}kB "
#define ZONE_BOOST   "boost:{boost}kB " /* 5.17 */
#define ZONE_ATOMIC  "reserved_highatomic:{reserved_highatomic}KB "
#define ZONE_4_9     ZONE_FREE ZONE_MARKS ZONE_LRU ZONE_WRITE ZONE_SIZE ZONE_SLAB ZONE_STACK ZONE_PT ZONE_PCP
#define ZONE_4_14    ZONE_FREE ZONE_MARKS ZONE_LRU ZONE_WRITE ZONE_SIZE ZONE_STACK ZONE_PT ZONE_PCP
#define ZONE_5_10    ZONE_FREE ZONE_MARKS ZONE_ATOMIC ZONE_LRU ZONE_WRITE ZONE_SIZE ZONE_PT ZONE_PCP
#define ZONE_5_15    ZONE_FREE ZONE_MARKS ZONE_ATOMIC ZONE_LRU ZONE_WRITE ZONE_SIZE ZONE_PCP
#define ZONE_6_1     ZONE_FREE ZONE_BOOST ZONE_MARKS ZONE_ATOMIC ZONE_LRU ZONE_WRITE ZONE_SIZE ZONE_PCP
#define ZONE_ZSPAGES "zspages:{zspages}kB "
#define ZONE_7_2                                                                                                                 \
	ZONE_FREE ZONE_BOOST ZONE_MARKS                                                                                          \
	"reserved_highatomic:{reserved_highatomic}KB free_highatomic:{free_highatomic}KB " ZONE_LRU ZONE_WRITE ZONE_ZSPAGES      \
	ZONE_SIZE ZONE_PCP
#define ZONE_7_3                                                                                                                 \
	ZONE_FREE ZONE_BOOST ZONE_MARKS                                                                                          \
	"reserved_highatomic:{reserved_highatomic}kB free_highatomic:{free_highatomic}kB " ZONE_LRU ZONE_WRITE ZONE_ZSPAGES      \
	ZONE_SIZE ZONE_PCP

#define FREE_LETTERS_3_10 "UEMRCI" /* in the order of enum migratetype */
#define FREE_LETTERS_4_4  "UMEHCI"

#define HUGEPAGES_3_10 "Node {node} hugepages_total=0 hugepages_free=0 hugepages_surp=0 hugepages_size=2048kB\n"

#define TAIL_CACHE   "{pagecache_pages} total pagecache pages\n{swapcache_pages} pages in swap cache\n"
#define TAIL_STATS                                                                                                               \
	"Swap cache stats: add {swapcache_add}, delete {swapcache_del}, find {swapcache_find}/{swapcache_find_total}\n"
#define TAIL_SWAP     "Free swap  = {free_swap_kB}kB\nTotal swap = {total_swap_kB}kB\n"
#define TAIL_RAM      "{pages_ram} pages RAM\n"
#define TAIL_HIGHMEM  "{pages_highmem} pages HighMem/MovableOnly\n"
#define TAIL_RESERVED "{pages_reserved} pages reserved\n"
#define TAIL_CMA      "{pages_cma} pages cma reserved\n"    /* where CONFIG_CMA */
#define TAIL_POISON   "{pages_hwpoisoned} pages hwpoisoned\n" /* where CONFIG_MEMORY_FAILURE */
#define TAIL_2_6_11                                                                                                              \
	"Swap cache: add {swapcache_add}, delete {swapcache_del}, find {swapcache_find}/{swapcache_find_total}, race 0+0\n"
#define TAIL_2_6_24                                                                                                              \
	TAIL_2_6_11 TAIL_SWAP "Free swap:       {free_swap_kB:6}kB\n"                                                            \
			      "{pages_ram} pages of RAM\n{pages_highmem} pages of HIGHMEM\n{pages_reserved} reserved pages\n"    \
			      "{pages_shared} pages shared\n{swapcache_pages} pages swap cached\n"
#define TAIL_2_6_32                                                                                                              \
	TAIL_CACHE TAIL_STATS TAIL_SWAP TAIL_RAM TAIL_RESERVED "{pages_shared} pages shared\n{pages_nonshared} pages non-shared\n"
#define TAIL_3_10 TAIL_CACHE TAIL_STATS TAIL_SWAP TAIL_RAM TAIL_HIGHMEM TAIL_RESERVED
#define TAIL_6_1  TAIL_CACHE TAIL_SWAP TAIL_RAM TAIL_HIGHMEM TAIL_RESERVED

/* ---- G.13.8: a memory cgroup ---- */

#define MEMCG_TASK_2_6_32  "Task in {task_path} killed as a result of limit of {path}\n" /* .. 4.20 */
#define MEMCG_COUNTER      "{name}: usage {usage_kB}kB, limit {limit_kB}kB, failcnt {failcnt}\n"
#define MEMCG_STAT_3_10    "Memory cgroup stats for {path}:"
#define MEMCG_FIGURE_3_10  " {name}:{value}KB"
#define MEMCG_STAT_5_4     "Memory cgroup stats for {path}:\n"
#define MEMCG_FIGURE_5_4   "{name} {value}\n"
#define PROTECTION_7_2     "Memory cgroup min protection {memcg_min_kB}kB -- low protection {memcg_low_kB}kB\n"

/* ---- G.13.4: the task table ---- */

#define TABLE_2_6_32 "[ pid ]   uid  tgid total_vm      rss cpu oom_adj name\n"
#define TASK_2_6_32  "[{pid:5}] {uid:5} {tgid:5} {total_vm:8} {rss:8} {cpu:3}     {oom_adj:3} {comm}\n"
#define TABLE_2_6_36 "[ pid ]   uid  tgid total_vm      rss cpu oom_adj oom_score_adj name\n"
#define TASK_2_6_36                                                                                                              \
	"[{pid:5}] {uid:5} {tgid:5} {total_vm:8} {rss:8} {cpu:3}     {oom_adj_15:3}         {oom_score_adj:5} {comm}\n"
#define TABLE_3_10 "[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name\n"
#define TASK_3_10                                                                                                                \
	"[{pid:5}] {uid:5} {tgid:5} {total_vm:8} {rss:8} {nr_ptes:7} {swapents:8}         {oom_score_adj:5} {comm}\n"
#define TABLE_4_4 "[ pid ]   uid  tgid total_vm      rss nr_ptes nr_pmds swapents oom_score_adj name\n"
#define TASK_4_4                                                                                                                 \
	"[{pid:5}] {uid:5} {tgid:5} {total_vm:8} {rss:8} {nr_ptes:7} {nr_pmds:7} {swapents:8}         {oom_score_adj:5} {comm}\n"
#define TABLE_4_15 "[ pid ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n"
#define TASK_4_15                                                                                                                \
	"[{pid:5}] {uid:5} {tgid:5} {total_vm:8} {rss:8} {pgtables_bytes:8} {swapents:8}         {oom_score_adj:5} {comm}\n"
#define TABLE_4_19                                                                                                               \
	"Tasks state (memory values in pages):\n"                                                                                \
	"[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n"
#define TASK_4_19                                                                                                                \
	"[{pid:7}] {uid:5} {tgid:5} {total_vm:8} {rss:8} {pgtables_bytes:8} {swapents:8}         {oom_score_adj:5} {comm}\n"
#define TABLE_6_8                                                                                                                \
	"Tasks state (memory values in pages):\n"                                                                                \
	"[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name\n"
#define TASK_6_8                                                                                                                 \
	"[{pid:7}] {uid:5} {tgid:5} {total_vm:8} {rss:8} {rss_anon:8} {rss_file:8} {rss_shmem:9} {pgtables_bytes:8} "            \
	"{swapents:8}         {oom_score_adj:5} {comm}\n"

/* ---- G.13.5, G.13.6: constraint and kill ---- */

#define CONSTRAINT_5_0_HEAD "oom-kill:constraint={constraint},nodemask={nodemask},cpuset={cpuset},mems_allowed={mems_allowed},"
#define CONSTRAINT_5_0_TAIL "task_memcg={memcg},task={comm},pid={pid},uid={uid}\n"
#define CONSTRAINT_5_0_GLOBAL CONSTRAINT_5_0_HEAD "global_oom," CONSTRAINT_5_0_TAIL
#define CONSTRAINT_5_0_MEMCG  CONSTRAINT_5_0_HEAD "oom_memcg={oom_memcg}," CONSTRAINT_5_0_TAIL

#define CHOSEN_2_6_24 "{message}: kill process {chosen_pid} ({chosen_comm}) score {score} or a child\n"
#define CHOSEN_2_6_36 "{message}: Kill process {chosen_pid} ({chosen_comm}) score {score} or sacrifice child\n" /* .. 5.0 */
#define KILLED_2_6_11 "Out of Memory: Killed process {pid} ({comm}).\n"
#define KILLED_2_6_24 "Killed process {pid} ({comm})\n"
#define KILLED_SIZES  "Killed process {pid} ({comm}) total-vm:{total_vm_kB}kB, anon-rss:{anon_rss_kB}kB, file-rss:{file_rss_kB}kB"
#define KILLED_2_6_36 KILLED_SIZES "\n"
#define KILLED_4_9    KILLED_SIZES ", shmem-rss:{shmem_rss_kB}kB\n"
#define KILLED_5_4                                                                                                               \
	"{message}: " KILLED_SIZES ", shmem-rss:{shmem_rss_kB}kB, UID:{uid} pgtables:{pgtables_kB}kB oom_score_adj:{oom_score_adj}\n"

/* ---- panic (G.2, G.5) ---- */

#define NOBODY_4_19 "Out of memory and no killable processes...\n"
#define PANIC_2_6_24                                                                                                             \
	{                                                                                                                        \
		"Out of memory and no killable processes...", "out of memory. panic_on_oom is selected",                         \
			"out of memory. Compulsory panic_on_oom is selected."                                                    \
	}
#define PANIC_2_6_36                                                                                                             \
	{                                                                                                                        \
		"Out of memory and no killable processes...", "Out of memory: system-wide panic_on_oom is enabled",              \
			"Out of memory: compulsory panic_on_oom is enabled"                                                      \
	}
#define PANIC_4_19                                                                                                               \
	{                                                                                                                        \
		"System is deadlocked on memory", "Out of memory: system-wide panic_on_oom is enabled",                          \
			"Out of memory: compulsory panic_on_oom is enabled"                                                      \
	}
#define PANIC_END_3_18 "Kernel Offset: disabled\n---[ end Kernel panic - not syncing: {text}\n"
#define PANIC_END_4_17 "Kernel Offset: disabled\n---[ end Kernel panic - not syncing: {text} ]---\n"

/* ---- flags and traces (gfp.c, trace.c) ---- */

extern const struct klog_gfp klog_gfp_2_6, klog_gfp_4_4, klog_gfp_4_9, klog_gfp_4_14, klog_gfp_4_15, klog_gfp_4_19, klog_gfp_5_4, klog_gfp_5_15,
	klog_gfp_6_1, klog_gfp_6_12, klog_gfp_7_2;
extern const struct klog_trace klog_trace_2_6, klog_trace_4_14, klog_trace_5_10, klog_trace_6_1, klog_trace_6_12;

#endif
