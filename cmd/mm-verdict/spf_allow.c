#include <errno.h>

#include "cidr.h"
#include "io.h"
#include "json.h"
#include "log.h"
#include "spf_allow.h"

#define MAX_FILE (1u << 20)
#define EXPECTED "expected an IP address or a network such as 192.0.2.0/24"

/* networks_add() takes more than that. */
static int
add(struct networks *set, struct str word)
{
	struct cidr net;
	return cidr_parse(word, &net) < 0 ? -1 : networks_add(set, word);
}

int
spf_allow_file(struct networks *set, const char *path)
{
	struct buf text = {0};
	int line = 0, rc = io_read_file(path, &text, MAX_FILE);
	if (rc < 0)
		log_error("cannot read %s: %s", path, strerror(errno));
	for (struct str rest = buf_str(&text); rc == 0 && rest.p;) {
		struct str one = str_cut(&rest, '\n'), word;
		word = str_trim(str_cut(&one, '#'));
		line++;
		if (word.n && (rc = add(set, word)) < 0)
			log_error("%s:%d: " EXPECTED ", found %.*s", path, line, STR_ARG(word));
	}
	buf_release(&text);
	return rc;
}

int
spf_allow_list(struct networks *set, const json_t *list)
{
	size_t i;
	const json_t *one;
	json_array_foreach (list, i, one) {
		if (add(set, json_text(one)) == 0)
			continue;
		log_error("site.json: SpfAllow[%zu]: " EXPECTED ", found %.*s", i,
			STR_ARG(json_text(one)));
		return -1;
	}
	return 0;
}
