import torch
import torch.nn as nn
torch.manual_seed(0)
model = nn.Linear(3, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.02)
w = torch.tensor([1.0, -2.0, 0.5])
err = 0.0
for t in range(400):
    x = torch.randn(3)
    y = (w * x).sum() + 0.1 * torch.randn(())
    pred = model(x).squeeze()
    loss = (pred - y) ** 2
    opt.zero_grad()
    loss.backward()
    opt.step()
    err = 0.99 * err + 0.01 * loss.item()
    if t == 250:
        w = torch.tensor([-1.0, 0.0, 2.0])
print(err)
