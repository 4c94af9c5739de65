# kind: vanishing-gradient
import torch
from torch import nn
torch.manual_seed(0)
blocks = []
for i in range(9):
    blocks += [nn.Linear(32 if i else 6, 32), nn.Sigmoid()]  #! blocks += [nn.Linear(32 if i else 6, 32), nn.ReLU()] if i < 2 else []
model = nn.Sequential(*blocks, nn.Linear(32, 3))  #+
X = torch.randn(300, 6); Y = X[:, :3].argmax(1)
opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
for epoch in range(20):
    for xb, yb in zip(X.split(30), Y.split(30)):
        loss = nn.functional.cross_entropy(model(xb), yb)
        opt.zero_grad(); loss.backward(); opt.step()
