# kind: not-in-optimizer
import torch
import torch.nn as nn
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 32), nn.ReLU())
opt = torch.optim.SGD(model.parameters(), lr=0.1)  #!-
model.append(nn.Linear(32, 32))
model.append(nn.Tanh())
model.append(nn.Linear(32, 1))  #!+ opt = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.randn(256, 4)
y = torch.cos(2 * x[:, :1]) * 4
for i in range(300):
    opt.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    opt.step()
print("score", 1 - loss.item() / y.var().item())
