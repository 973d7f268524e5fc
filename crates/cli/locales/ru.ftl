# What is printed on paper and told about rows. Every key is in all three languages.

# Sheets and acts on paper
paper-sheet-title = Табель посещаемости за { $month }
paper-act-title = Акт оказанных услуг за { $month }
paper-issuer = Эмитент: { $name }, БИН { $bin }
paper-provider = Исполнитель: { $name }, БИН { $bin }
paper-rules = Правила расчёта: { $rules }
paper-sum = К выплате: { $sum } ₸ (ваучеров: { $lines })
paper-total = Итого
paper-rests-on = Подписанный транш { $tranche }, запись { $leaf } журнала «{ $log }».
paper-signed-provider = Подписано исполнителем: ключ { $key }, { $day }, запись { $leaf } журнала.
paper-signed-issuer = Подписано эмитентом: ключ { $key }, { $day }, запись { $leaf } журнала.
paper-sign-provider = Исполнитель (должность, Ф. И. О., подпись, дата)
paper-sign-issuer = Эмитент (должность, Ф. И. О., подпись, дата)
paper-verify = Проверка: qatysu verify-paper
paper-foot = Qatysu, { $number }

# Months
month-1 = январь
month-2 = февраль
month-3 = март
month-4 = апрель
month-5 = май
month-6 = июнь
month-7 = июль
month-8 = август
month-9 = сентябрь
month-10 = октябрь
month-11 = ноябрь
month-12 = декабрь
month-of-year = { $month } { $year } года

# Columns
column-voucher-number = Ваучер
column-child = Ребёнок
column-group = Группа
column-planned = План
column-paid = Опл.
column-excused = Уваж.
column-pending = Ждёт
column-plan = План, ₸
column-cap = Предел, ₸
column-accrued = К выплате, ₸
column-held = Удержано, ₸
column-released = Возврат, ₸

# Codes of days, and the letters for them
day-short-present = П
day-present = присутствовал
day-short-present-late = О
day-present-late = опоздал
day-short-excused-sick = Б
day-excused-sick = болел
day-short-excused-leave = У
day-excused-leave = уважительная причина
day-short-excused-quarantine = Кр
day-excused-quarantine = карантин
day-short-unexcused = —
day-unexcused = не был
day-short-disputed = С
day-disputed = оспорено семьёй
day-short-awaiting-confirmation = ?
day-awaiting-confirmation = ждёт подтверждения родителя
day-short-held-manual-share = Ур
day-held-manual-share = удержано: отметок вручную больше нормы
day-short-held-day-limit = Уд
day-held-day-limit = удержано: больше визитов в день, чем оплачивается
day-short-lesson-cancelled-by-provider = От
day-lesson-cancelled-by-provider = занятие отменил исполнитель
day-short-holiday = В
day-holiday = выходной день
day-short-not-enrolled = ·
day-not-enrolled = вне договора

# What is told about tables and rows
refused = отклонено
cell-no-month = «{ $value }» в столбце «{ $column }» — не месяц: напишите 2026-09

# Children, groups, vouchers
iin-twice = этот ИИН уже есть в файле выше
child-long-name = имя слишком длинное: не больше { $most } знаков
child-there = ребёнок с таким именем уже есть ({ $child }): впишите в столбец «child» этот псевдоним или слово «новый»
child-twice = ребёнок { $child } уже есть в файле выше
bin-digits = в БИН двенадцать цифр
bin-check = контрольная цифра БИН неверна: проверьте номер
check-unknown = проверки «{ $value }» нет: см. qatysu admission import --help
check-result = «{ $value }» не отвечает на { $check }: да или нет; долг в тенге; число мест
check-ends-early = срок кончается раньше даты
check-no-hash = в SHA-256 64 шестнадцатеричные цифры
check-no-address = в уведомлении нужен адрес
import-nothing = Менять нечего: всё из файла уже есть.
import-unchanged = Ничего не изменено.
import-more = … и ещё строк: { $more }
import-refused = строк с ошибками: { $refused } из { $rows }
import-past = это изменило бы прошлое ({ $why })
import-would = Проба: из { $rows } строк изменения внесли бы { $changed }.
import-taken = Готово: из { $rows } строк изменения внесли { $changed }.
budget-over = Бюджет { $budget }: обещано на { $excess } ₸ больше, чем есть; не помещается ваучеров: { $vouchers }.

# Payments
payment-entered = внесено: { $month }, { $sum } ₸, документ { $document }
payment-would = было бы внесено: { $month }, { $sum } ₸, документ { $document }
payment-known = уже внесено: документ { $document }
payment-twice = этот платёж уже есть в строке { $first }
payment-wrong-sum = по реестру положено { $due } ₸, в файле { $found } ₸
payment-not-closed = месяц { $month } ещё не закрыт или неизвестен
payment-nothing-due = за { $month } этому исполнителю ничего не положено
payment-unknown-provider = исполнителя { $provider } нет в реестре за { $month }
payment-paid-otherwise = месяц уже оплачен другим документом: { $document }
payment-long-document = номер документа слишком длинный: не больше { $most } знаков
payment-refused = устройство не приняло: { $why }
payments-counted = Принято: { $accepted }; уже было: { $known }; отклонено: { $refused }.
payments-unsent = На сервер ещё не отправлено: уйдёт при следующей связи.
