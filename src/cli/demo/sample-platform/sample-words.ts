/** What people of the sample platform are called and say. Domains, numbers and addresses are reserved for examples. */
export const firstNames = [
  'Jane', 'Omar', 'Léa', 'Akira', 'Priya', 'Tomás', 'Ngozi', 'Sören', 'Mei', 'Ivan', 'Zoë', 'Fatima',
  'Liam', 'Chiara', 'Kwame', 'Ingrid', 'Mateo', 'Aylin', 'Noah', 'Yuki', 'Élodie', 'Rahul', 'Marta', 'Jonas',
] as const; // prettier-ignore

export const lastNames = [
  'Doe', 'García', 'Müller', 'Tanaka', 'Okafor', 'Novak', 'Smith', 'Rossi', 'Demir', 'Larsen', 'Chen', 'Dubois',
  'Patel', 'Silva', 'Kowalski', 'Haddad', 'Andersson', 'Moreau', 'Kim', 'Bauer', 'Costa', 'Petrov', 'Mensah', 'Ali',
] as const; // prettier-ignore

export const emailDomains = ['example.com', 'example.org', 'example.net', 'mail.example'] as const;

export const questions = [
  'Where is my order?',
  'I moved, please change my address.',
  'My card was declined twice this morning.',
  'Can you call me back after six?',
  'I would like to cancel my subscription.',
  'The technician did not come, I waited the whole day at home.',
  'What is the balance of my account?',
  'My daughter lost her phone, please block the number.',
] as const;

export const answers = [
  'Let me look that up for you.',
  'Thank you, I have found your account.',
  'Is there anything else I can do?',
  'I have changed it. You will get a confirmation by email.',
  'I am handing you over to a colleague.',
  'That will take two to three working days.',
] as const;

export const events = [
  'intent.matched',
  'task.started',
  'task.completed',
  'handover',
  'page.viewed',
] as const;
export const surveys = ['csat', 'nps', 'thumbs'] as const;
export const providers = ['salesforce', 'google', 'microsoft', 'zendesk'] as const;
export const alerts = ['outage', 'invoice-ready', 'delivery', 'price-drop'] as const;
export const agents = ['Agent Rivera', 'Agent Cohen', 'Agent Lind', 'Agent Osei'] as const;
export const files = [
  ['passport.jpg', 'image/jpeg'],
  ['invoice.pdf', 'application/pdf'],
  ['voice-note.ogg', 'audio/ogg'],
  ['screenshot.png', 'image/png'],
] as const;
