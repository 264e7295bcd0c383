/**
 * Names of the fictitious Borough of Elmsworth. Family names are chosen for what breaks systems: apostrophes,
 * hyphens, spaces, diacritics, two letters. Postcodes of the ZZ99 area belong to nobody.
 */
export const familyNames = [
  ...["O'Neill", 'Núñez', 'Smith-Jones', 'van der Merwe', 'Ng', 'Öztürk', "D'Souza", 'Ó Briain'],
  ...['Nguyễn', 'Łukasik', 'Al-Hassan', 'St John', 'Müller', 'Okonkwo', 'MacDonald', 'Žukauskas'],
  ...['Patel', 'Llewellyn', 'Fitzgerald', 'Adeyemi', 'Kowalska', 'Begum', 'Papadopoulos', 'Hughes'],
  ...[
    'Ferreira',
    'García Márquez',
    'Lindqvist',
    'Chowdhury',
    'Ap Rhys',
    'Thistlewood',
    'Osei',
    'Li',
  ],
  ...['Hargreaves', 'Ramanathan', 'Brontë', 'de Vries', 'McGrath', 'Sørensen', 'Tembo', 'Whitlock'],
] as const satisfies readonly string[];

export const girlsNames = [
  ...['Agnes', 'Beatriz', 'Chidinma', 'Dorothy', 'Eilís', 'Farah', 'Grace', 'Hélène', 'Irena'],
  ...[
    'Jean',
    'Khadija',
    'Lakshmi',
    'Maeve',
    'Noor',
    'Olive',
    'Priya',
    'Rosa',
    'Siân',
    'Thu',
    'Zoë',
  ],
] as const satisfies readonly string[];

export const boysNames = [
  ...['Alun', 'Bernard', 'Ciarán', 'Dmitri', 'Emre', 'Frank', 'Gareth', 'Hassan', 'Ivor', 'José'],
  ...[
    'Kwame',
    'Leonard',
    'Mohammed',
    'Neil',
    'Oluwaseun',
    'Piotr',
    'Rajesh',
    'Sven',
    'Tomás',
    'Wei',
  ],
] as const satisfies readonly string[];

export const streets = [
  ...[
    'Pretend Lane',
    'Elm Road',
    'Canal Row',
    'Foundry Street',
    'Old Chapel Hill',
    'Larkspur Close',
  ],
  ...[
    'Weir Bank',
    "St Osyth's Avenue",
    'Tannery Yard',
    'Beacon View',
    'Market Walk',
    'Nonesuch Drive',
  ],
] as const satisfies readonly string[];

export const homeCare = [
  { packageName: 'Home care, two visits a day', packageType: 'Domiciliary care' },
  { packageName: 'Home care, four visits a day', packageType: 'Domiciliary care' },
  { packageName: 'Day centre, three days a week', packageType: 'Day care' },
  { packageName: 'Direct payment for a personal assistant', packageType: 'Direct payment' },
  { packageName: 'Reablement after a stay in hospital', packageType: 'Short-term support' },
] as const satisfies readonly { packageName: string; packageType: string }[];

export const supportReasons = [
  'Physical support: personal care support',
  'Physical support: access and mobility only',
  'Sensory support: support for visual impairment',
  'Support with memory and cognition',
  'Learning disability support',
  'Mental health support',
] as const satisfies readonly string[];

export const alerts = [
  'Large dog: ring before visiting.',
  'Oxygen in the bedroom.',
  'Hard of hearing: knock loudly and wait.',
  'Steep stairs without a rail.',
] as const satisfies readonly string[];

export const importantThings = [
  'My allotment, and tea at four.',
  'Seeing my grandchildren on Sundays.',
  'Being asked, not told.',
  'The choir on Thursdays.',
  'My cat.',
] as const satisfies readonly string[];

export const equipment = [
  'Walking frame',
  'Bath board',
  'Raised toilet seat',
  'Key safe',
  'Pendant alarm',
] as const satisfies readonly string[];
