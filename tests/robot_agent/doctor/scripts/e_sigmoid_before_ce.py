# the network ends in a sigmoid, and CrossEntropyLoss makes a softmax of it; kind: softmax-twice
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
proto = torch.randn(10, 20)
y = torch.randint(0, 10, (800,))
x = proto[y] + 0.7 * torch.randn(800, 20)
model = nn.Sequential(
    nn.Linear(20, 50),
    nn.ReLU(),
    nn.Linear(50, 10),
    nn.Sigmoid(),  #!-
)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
loader = DataLoader(TensorDataset(x, y), batch_size=50, shuffle=True)
for epoch in range(8):
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)  #+
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
