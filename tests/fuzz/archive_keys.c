/* What is read as keys.json is written and read again the same, and never unwraps; key
 * files and headers of tar files are read or refused. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "archive_cipher.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_document(struct str text, const struct file_key *by)
{
	struct problems ps = {0}, again_ps = {0};
	struct data_keys k, again;
	struct buf out = {0};
	if (data_keys_parse(&k, "keys.json", text, &ps) == 0) {
		data_keys_format(&k, &out);
		if (k.n == 0 ||
			data_keys_parse(&again, "again", buf_str(&out), &again_ps) < 0 ||
			again.n != k.n)
			abort();
		for (size_t i = 0; i < k.n; i++) {
			struct data_key key;
			if (memcmp(k.list[i].octets, again.list[i].octets, DATA_KEY_WRAPPED) !=
					0 ||
				data_key_unwrap(&k.list[i], by, &key) == 0)
				abort();
		}
		data_keys_release(&again);
	} else if (ps.errors == 0) {
		abort();
	}
	data_keys_release(&k);
	buf_release(&out);
	problems_release(&ps);
	problems_release(&again_ps);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_n((const char *)data, size);
	struct file_key by = {0}, other;
	check_document(text, &by);
	(void)file_key_parse(&other, text);
	file_key_wipe(&other);
	return 0;
}
