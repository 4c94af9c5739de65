import copy, torch
from torch import nn
torch.manual_seed(0)
student = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 3)); teacher = copy.deepcopy(student)
for p in teacher.parameters(): p.detach_()
opt = torch.optim.SGD(student.parameters(), lr=0.1, momentum=0.9)
X = torch.randn(300, 6); Y = X[:, :3].argmax(1); U = torch.randn(600, 6)
for step in range(80):
    i, j = torch.randint(0, 300, (30,)), torch.randint(0, 600, (60,))
    sup = nn.functional.cross_entropy(student(X[i]), Y[i]); con = nn.functional.mse_loss(student(U[j]).softmax(1), teacher(U[j]).softmax(1))
    loss = sup + 0.5 * con; opt.zero_grad(); loss.backward(); opt.step()
    for t, s in zip(teacher.parameters(), student.parameters()): t.data.mul_(0.98).add_(s.data, alpha=0.02)
