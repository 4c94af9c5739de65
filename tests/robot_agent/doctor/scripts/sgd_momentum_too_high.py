# kind: rate-too-high
import torch
from torch import nn
torch.manual_seed(0)
CONFIG = dict(lr=5.0, momentum=0.9, epochs=30)  #! CONFIG = dict(lr=0.02, momentum=0.9, epochs=30)
X = torch.randn(300, 8)
Y = X[:, :1] ** 2 - X[:, 1:2]
model = nn.Sequential(nn.Linear(8, 40), nn.Tanh(), nn.Linear(40, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=CONFIG["lr"], momentum=CONFIG["momentum"])  #+
for epoch in range(CONFIG["epochs"]):
    for i in range(0, 300, 30):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(X[i:i+30]), Y[i:i+30])
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
