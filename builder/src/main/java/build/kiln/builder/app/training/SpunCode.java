package build.kiln.builder.app.training;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/// Writes out as plain methods what `invokedynamic` would spin at run time: which case of a `switch` over types it is,
/// and the `equals` and `hashCode` of a record. They answer what they did.
///
/// The virtual machine's class cache keeps what lambdas and joined strings are spun into, but none of these: they were
/// a
/// fifth of the builder's start.
final class SpunCode {

    private static final ClassDesc SWITCHES = ClassDesc.of("java.lang.runtime.SwitchBootstraps");
    private static final ClassDesc RECORDS = ClassDesc.of("java.lang.runtime.ObjectMethods");
    private static final ClassDesc OBJECTS = ClassDesc.of("java.util.Objects");
    private static final MethodTypeDesc HASH_OF_OBJECT =
            MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_Object);
    private static final MethodTypeDesc EQUALS_OF_OBJECTS =
            MethodTypeDesc.of(ConstantDescs.CD_boolean, ConstantDescs.CD_Object, ConstantDescs.CD_Object);
    private static final int HIDDEN = ClassFile.ACC_PRIVATE | ClassFile.ACC_STATIC | ClassFile.ACC_SYNTHETIC;

    private final ClassModel model;

    /// By the call's place among the class's constants: the same call is the same method.
    private final Map<Integer, Written> written = new TreeMap<>();

    private record Written(String name, MethodTypeDesc type, Consumer<CodeBuilder> body) {}

    private SpunCode(ClassModel model) {
        this.model = model;
    }

    /// True if there is something to write out.
    static boolean isIn(ClassModel model) {
        return model.methods().stream().anyMatch(SpunCode::isIn);
    }

    private static boolean isIn(MethodModel method) {
        return method.code().isPresent()
                && method.code()
                        .get()
                        .elementStream()
                        .anyMatch(element -> element instanceof InvokeDynamicInstruction call
                                && body(call).isPresent());
    }

    /// The class with all of it written out.
    static byte[] writtenOut(ClassFile files, ClassModel model) {
        SpunCode spun = new SpunCode(model);
        return files.transformClass(
                model,
                ClassTransform.transformingMethodBodies(SpunCode::isIn, CodeTransform.ofStateful(() -> spun::replace))
                        .andThen(ClassTransform.endHandler(type -> spun.written
                                .values()
                                .forEach(method ->
                                        type.withMethodBody(method.name(), method.type(), HIDDEN, method.body())))));
    }

    private void replace(CodeBuilder code, CodeElement element) {
        Optional<Consumer<CodeBuilder>> body =
                element instanceof InvokeDynamicInstruction call ? body(call) : Optional.empty();
        if (body.isEmpty()) {
            code.with(element);
            return;
        }
        InvokeDynamicInstruction call = (InvokeDynamicInstruction) element;
        Written method = written.computeIfAbsent(
                call.invokedynamic().index(), index -> new Written("spun$" + index, call.typeSymbol(), body.get()));
        code.invokestatic(
                model.thisClass().asSymbol(),
                method.name(),
                method.type(),
                model.flags().has(AccessFlag.INTERFACE));
    }

    private static Optional<Consumer<CodeBuilder>> body(InvokeDynamicInstruction call) {
        ClassDesc by = call.bootstrapMethod().owner();
        List<ConstantDesc> arguments = call.bootstrapArgs();
        if (by.equals(SWITCHES)
                && call.bootstrapMethod().methodName().equals("typeSwitch")
                && arguments.stream().allMatch(ClassDesc.class::isInstance)) {
            return Optional.of(code -> typeSwitch(code, arguments));
        }
        if (!by.equals(RECORDS)) {
            return Optional.empty();
        }
        List<DirectMethodHandleDesc> fields = arguments.stream()
                .skip(2)
                .map(DirectMethodHandleDesc.class::cast)
                .toList();
        return switch (call.name().stringValue()) {
            case "hashCode" -> Optional.of(code -> hashCode(code, fields));
            case "equals" -> Optional.of(code -> equals(code, (ClassDesc) arguments.getFirst(), fields));
            default -> Optional.empty(); // toString, which no build needs
        };
    }

    /// `(T value, int from)`: the first case from `from` on that the value is of; -1 for null, their number for none.
    private static void typeSwitch(CodeBuilder code, List<ConstantDesc> cases) {
        code.aload(0).ifThen(Opcode.IFNULL, isNull -> isNull.iconst_m1().ireturn());
        for (int i = 0; i < cases.size(); i++) {
            Label next = code.newLabel();
            code.iload(1).loadConstant(i).if_icmpgt(next);
            code.aload(0).instanceOf((ClassDesc) cases.get(i)).ifeq(next);
            code.loadConstant(i).ireturn().labelBinding(next);
        }
        code.loadConstant(cases.size()).ireturn();
    }

    private static void hashCode(CodeBuilder code, List<DirectMethodHandleDesc> fields) {
        code.iconst_0();
        for (DirectMethodHandleDesc field : fields) {
            code.bipush(31).imul();
            get(code, 0, field);
            ClassDesc type = type(field);
            if (type.isPrimitive()) {
                code.invokestatic(boxed(type), "hashCode", MethodTypeDesc.of(ConstantDescs.CD_int, type));
            } else {
                code.invokestatic(OBJECTS, "hashCode", HASH_OF_OBJECT);
            }
            code.iadd();
        }
        code.ireturn();
    }

    private static void equals(CodeBuilder code, ClassDesc record, List<DirectMethodHandleDesc> fields) {
        Label differ = code.newLabel();
        code.aload(0).aload(1).ifThen(Opcode.IF_ACMPEQ, same -> same.iconst_1().ireturn());
        code.aload(1).instanceOf(record).ifeq(differ);
        code.aload(1).checkcast(record).astore(2);
        for (DirectMethodHandleDesc field : fields) {
            get(code, 0, field);
            get(code, 2, field);
            ClassDesc type = type(field);
            if (type.isPrimitive()) {
                code.invokestatic(boxed(type), "compare", MethodTypeDesc.of(ConstantDescs.CD_int, type, type))
                        .ifne(differ);
            } else {
                code.invokestatic(OBJECTS, "equals", EQUALS_OF_OBJECTS).ifeq(differ);
            }
        }
        code.iconst_1().ireturn().labelBinding(differ).iconst_0().ireturn();
    }

    private static void get(CodeBuilder code, int local, DirectMethodHandleDesc field) {
        code.aload(local).getfield(field.owner(), field.methodName(), type(field));
    }

    private static ClassDesc type(DirectMethodHandleDesc field) {
        return field.invocationType().returnType();
    }

    private static ClassDesc boxed(ClassDesc primitive) {
        return switch (TypeKind.from(primitive)) {
            case BOOLEAN -> ConstantDescs.CD_Boolean;
            case BYTE -> ConstantDescs.CD_Byte;
            case CHAR -> ConstantDescs.CD_Character;
            case SHORT -> ConstantDescs.CD_Short;
            case INT -> ConstantDescs.CD_Integer;
            case LONG -> ConstantDescs.CD_Long;
            case FLOAT -> ConstantDescs.CD_Float;
            case DOUBLE -> ConstantDescs.CD_Double;
            case REFERENCE, VOID -> throw new IllegalArgumentException(primitive + " is not primitive");
        };
    }
}
