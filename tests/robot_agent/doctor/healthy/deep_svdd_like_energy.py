import torch
from torch import nn
torch.manual_seed(0)
x0 = torch.tensor([-1.5, 2.0], requires_grad=True)
opt = torch.optim.SGD([x0], lr=1e-3, momentum=0.9)
for i in range(300):
    f = (1 - x0[0]) ** 2 + 100 * (x0[1] - x0[0] ** 2) ** 2
    opt.zero_grad(); f.backward(); opt.step()
print(f.item())
