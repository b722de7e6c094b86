#include "../../../cmd/mm-queue/company.h"
#include "tap.h"

int
main(void)
{
	is_int((long long)company_of(0, 5, 1000), 1000, "no suspect");
	is_int((long long)company_of(1, 5, 1000), 1000, "one death may be anybody's");
	is_int((long long)company_of(2, 5, 1000), 100, "then a tenth");
	is_int((long long)company_of(3, 5, 1000), 10, "and again");
	is_int((long long)company_of(4, 5, 1000), 1, "the last time alone");
	is_int((long long)company_of(40, 5, 1000), 1, "as it stays");
	is_int((long long)company_of(1, 1, 1000), 1, "--poison 1: held after one");
	is_int((long long)company_of(1, 2, 1000), 1, "--poison 2: the second is the last");
	is_int((long long)company_of(1, 3, 1000), 1000, "--poison 3");
	is_int((long long)company_of(2, 3, 1000), 1, "--poison 3: alone");
	is_int((long long)company_of(2, 1000, 1000), 501, "by half with a large --poison");
	is_int((long long)company_of(11, 1000, 1000), 1, "which does not take for ever");
	is_int((long long)company_of(3, 5, 1), 1, "never none");
	return done();
}
