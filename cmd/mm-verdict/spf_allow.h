/* spf_allow.h: the clients that pass SPF without a check: forwarders, our own hosts. */
#ifndef MM_VERDICT_SPF_ALLOW_H
#define MM_VERDICT_SPF_ALLOW_H

#include <jansson.h>

#include "networks.h"

/* Each adds to the set; 0, or -1 after an error was logged. */
int spf_allow_file(struct networks *set, const char *path); /* one a line; # comments */
int spf_allow_list(struct networks *set, const json_t *list);

#endif
