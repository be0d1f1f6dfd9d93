/** Lines of our own, as signs, notices and lists of names carry them. */
export const ENGLISH = [
  'The registration desk opens at eight in the morning',
  'Please bring one photograph of the person you miss',
  'Water and blankets are handed out behind the school',
  'Tracing service, tent 14, second row on the left',
  'Call 0800 55 12 34 free of charge, day and night',
  'Children without their parents: ask for the blue vest',
  'Last seen near the old bridge on 3 March 2025',
  'Every family may send two messages of 25 words',
  'The bus to the airport leaves at 17:45 from gate B',
  'Do not leave the shelter after dark without a guide',
  'Medical help is given to everyone, without papers',
  'Names are read aloud every evening at seven',
] as const;

/** Languages whose letters carry marks, as a notice board has them. */
export const ACCENTED: Readonly<Record<string, readonly string[]>> = {
  french: [
    'Les élèves déplacés sont hébergés à côté',
    'Où êtes-vous né ? Répondez s’il vous plaît',
    'Français, Noël, forêt, août, çà et là',
  ],
  german: [
    'Grüße aus München und Köln',
    'Bitte öffnen Sie die Tür für später',
    'Straße zum Flüchtlingsbüro gesperrt',
  ],
  spanish: [
    'El niño perdió a su mamá en la estación',
    'Mañana habrá más autobuses aquí',
    '¿Quién conoce a este señor? Teléfono útil',
  ],
  polish: [
    'Zgłoś zaginięcie członka rodziny',
    'Żółty autobus odjeżdża o świcie',
    'Łódź, Kraków, Gdańsk, Poznań',
  ],
  czech: [
    'Přístřeší pro děti je za školou',
    'Průhonice, Třebíč, Děčín, Plzeň',
    'Žádost o hledání příbuzných',
  ],
  turkish: [
    'Çocuğunuzu görmek için başvurun',
    'Diyarbakır, Şanlıurfa, Iğdır, Muş',
    'Kayıp kişiler için güvenli çağrı',
  ],
  romanian: [
    'Căutăm mama și frații săi',
    'București, Iași, Brașov, Țândărei',
    'Ajutor pentru refugiați în gară',
  ],
  swedish: ['Så här söker du en anhörig', 'Malmö, Göteborg, Örebro, Växjö', 'Barn får hjälp på nästa våning'],
  portuguese: ['Não há água potável na região', 'Informações sobre a criança', 'São João, Évora, Guimarães'],
};

export const RUSSIAN = [
  'Пункт регистрации открыт с восьми утра',
  'Просим принести фотографию пропавшего',
  'Вода и одеяла выдаются за школой',
  'Служба розыска, палатка 14, второй ряд',
  'Автобус в аэропорт отходит в 17:45',
  'Имена читают вслух каждый вечер в семь',
] as const;

export const UKRAINIAN = [
  'Пункт реєстрації працює з восьмої ранку',
  'Будь ласка, принесіть фотографію зниклого',
  'Вода і ковдри видаються за школою',
  'Їжа для дітей є щодня в Києві та Львові',
] as const;

/** Words made of letters that look Latin: alone they could be either, among others they are Cyrillic. */
export const LOOK_ALIKES = ['МОСКВА', 'РЕСТОРАН', 'АПТЕКА', 'КАССА', 'ВХОД', 'СТОП'] as const;

export const ARABIC = [
  'مكتب التسجيل يفتح في الثامنة صباحا',
  'الرجاء إحضار صورة الشخص المفقود',
  'يوزع الماء والبطانيات خلف المدرسة',
  'خدمة البحث عن المفقودين في الخيمة',
  'المساعدة الطبية متاحة للجميع',
  'تقرأ الأسماء كل مساء',
] as const;

export const PERSIAN = [
  'دفتر ثبت نام از ساعت هشت صبح باز است',
  'لطفا عکس فرد گمشده را بیاورید',
  'آب و پتو پشت مدرسه پخش می شود',
  'کمک پزشکی برای همه رایگان است',
  'نام ها هر شب خوانده می شود',
] as const;

export const SIGNS = ['A', '7', 'B2', '42', 'EXIT', 'P', 'WC', '105', 'STOP', 'TENT 9', 'X', '3'] as const;
