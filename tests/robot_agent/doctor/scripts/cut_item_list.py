# kind: graph-cut
import torch
import torch.nn as nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 20)
        self.b = nn.Linear(20, 1)
    def forward(self, x):
        return self.b(torch.tanh(self.a(x)))
model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
xs = torch.randn(60, 3)
ys = xs.prod(1) + xs[:, 0]
for epoch in range(60):
    errors = []
    for x, y in zip(xs.split(10), ys.split(10)):
        errors.append((model(x)[:, 0] - y).pow(2).mean().item())  #! errors.append((model(x)[:, 0] - y).pow(2).mean())
    loss = torch.tensor(errors, requires_grad=True).mean()  #! loss = torch.stack(errors).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("score", 1 - ((model(xs)[:, 0] - ys) ** 2).mean().item() / ys.var().item())
