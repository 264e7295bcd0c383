/** NHS numbers of the range for tests, with right check digits: each test has a person of its own. */
let lastSerial = 0;

export function nextNumber(): string {
  for (;;) {
    lastSerial += 1;
    const body = `999${String(lastSerial).padStart(6, '0')}`;
    const sum = [...body].reduce((total, digit, i) => total + Number(digit) * (10 - i), 0);
    const check = 11 - (sum % 11);
    if (check !== 10) return `${body}${check === 11 ? 0 : check}`;
  }
}

export function somebody(): { nhsNumber: string } {
  return { nhsNumber: nextNumber() };
}
