# kind: all-frozen
import torch
from torch import nn
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 1))
model.requires_grad_(False)  #! model.requires_grad_(True)
x = torch.randn(200, 4)
y = x.sum(1, keepdim=True).sin()
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for i in range(300):
    loss = ((model(x) - y) ** 2).mean()
    opt.zero_grad()
    loss.backward()  #+
    opt.step()
print("score", 1 - loss.item() / y.var().item())
