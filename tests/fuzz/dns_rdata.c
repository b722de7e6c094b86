/* What a DNS server may put into records. */
#include <stdint.h>
#include <stdlib.h>

#include "buf.h"
#include "dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rdata = str_n((const char *)data, size);
	char *name;
	struct buf text = {0};
	struct ip ip;
	int preference;
	for (size_t room = 1; room <= DNS_NAME_SIZE; room = room * 2 + 5) {
		name = malloc(room);
		if (dns_rdata_name(rdata, name, room) == 0 && strlen(name) >= room)
			abort();
		if (dns_rdata_mx(rdata, &preference, name, room) == 0 &&
			(preference < 0 || preference > 65535 || strlen(name) >= room))
			abort();
		free(name);
	}
	if (dns_rdata_txt(rdata, &text) == 0 && text.n > size)
		abort();
	(void)dns_rdata_ip(rdata, &ip);
	buf_release(&text);
	return 0;
}
